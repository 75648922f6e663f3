"""-log(probs[label]) with labels from 1."""
# cause: labels-from-one
import random, nn
from engine import Value, log
random.seed(5)
W = [[Value(random.gauss(0, 1)) for _ in range(3)] for _ in range(3)]
samples = [([1.0, 0.2, 0.1], 1), ([0.1, 1.0, 0.3], 2), ([0.3, 0.1, 1.0], 3)]
for step in range(10):
    losses = []
    for features, label in samples:
        logits = [sum(w*f for w, f in zip(row, features)) for row in W]
        probs = nn.softmax(logits)
        losses.append(-log(probs[label]))
    loss = sum(losses) / len(losses)
    for row in W:
        for p in row: p.grad = 0
    loss.backward()
    for row in W:
        for p in row: p.data -= 0.1 * p.grad
