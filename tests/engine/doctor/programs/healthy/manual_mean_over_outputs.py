"""Two outputs for each sample."""
import random

from engine import Value

random.seed(9)
W = [[Value(random.uniform(-1, 1)) for _ in range(3)] for _ in range(2)]
data = [([1.0, 0.5, 1.0], [0.2, 0.7]), ([0.3, 0.8, 1.0], [0.9, 0.1]), ([0.6, 0.1, 1.0], [0.4, 0.4])]
for epoch in range(20):
    loss = 0
    for x, targets in data:
        outs = [sum(w * a for w, a in zip(row, x)) for row in W]
        for o, t in zip(outs, targets):
            loss = loss + (o - t) ** 2
    loss = loss / 6
    for row in W:
        for p in row:
            p.grad = 0.0
    loss.backward()
    for row in W:
        for p in row:
            p.data -= 0.3 * p.grad
