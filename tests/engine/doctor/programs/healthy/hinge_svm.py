"""A support vector machine: some samples have no gradient."""
import random

from engine import Value

random.seed(6)
w, b = [Value(0.0), Value(0.0)], Value(0.0)
X = [[random.gauss(1, 0.3), random.gauss(1, 0.3)] for _ in range(6)] + [[random.gauss(-1, 0.3), random.gauss(-1, 0.3)] for _ in range(6)]
Y = [1] * 6 + [-1] * 6
for epoch in range(25):
    margins = [1 - y * (w[0] * x[0] + w[1] * x[1] + b) for x, y in zip(X, Y)]
    loss = 0.01 * (w[0] ** 2 + w[1] ** 2) + sum(m.relu() for m in margins) / len(X)
    for p in (*w, b):
        p.grad = 0
    loss.backward()
    for p in (*w, b):
        p.data -= 0.1 * p.grad
