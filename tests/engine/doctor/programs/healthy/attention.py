"""Softmax weights inside a network, softmax at its end."""
import random

import nn
from engine import Value

random.seed(7)
q = [Value(random.uniform(-1, 1)) for _ in range(2)]
o = [[Value(random.uniform(-1, 1)) for _ in range(2)] for _ in range(2)]
params = q + [p for r in o for p in r]
data = [([[1.0, 0.0], [0.0, 1.0]], 0), ([[0.0, 1.0], [0.5, 0.5]], 1), ([[0.9, 0.1], [0.3, 0.3]], 0)]
for epoch in range(15):
    scores = []
    for items, _ in data:
        weights = nn.softmax([q[0] * a + q[1] * b for a, b in items])
        pooled = [sum(w * item[k] for w, item in zip(weights, items)) for k in range(2)]
        scores.append([sum(w * p for w, p in zip(row, pooled)) for row in o])
    loss = nn.cross_entropy(scores, [y for _, y in data])
    for p in params:
        p.grad = 0.0
    loss.backward()
    for p in params:
        p.data -= 0.5 * p.grad
