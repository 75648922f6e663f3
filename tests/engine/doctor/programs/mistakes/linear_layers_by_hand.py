"""Matrices one after the other, without an activation."""
# cause: linear-network
import random

from engine import Value

random.seed(15)
M1 = [[Value(random.uniform(-1, 1)) for _ in range(2)] for _ in range(3)]
M2 = [Value(random.uniform(-1, 1)) for _ in range(3)]
every = [p for row in M1 for p in row] + M2
for epoch in range(40):
    loss = 0
    for x, y in [((-1, -1), -1), ((-1, 1), 1), ((1, -1), 1), ((1, 1), -1)]:
        hidden = [sum(w * xi for w, xi in zip(row, x)) for row in M1]  # right: hidden = [sum(w * xi for w, xi in zip(row, x)).tanh() for row in M1]
        loss = loss + (sum(w * h for w, h in zip(M2, hidden)) - y) ** 2
    loss = loss / 4
    for p in every:
        p.grad = 0
    loss.backward()
    for p in every:
        p.data -= 0.1 * p.grad
