"""Targets of 0.1 and 0.9 for a sigmoid."""
import random

from engine import Value

random.seed(12)
w = [Value(random.uniform(-1, 1)) for _ in range(2)]
b = Value(0.0)
for _ in range(25):
    loss = 0
    for x, y in [((0.2, 0.9), 0.9), ((0.9, 0.3), 0.1), ((0.4, 0.8), 0.9)]:
        loss = loss + ((w[0] * x[0] + w[1] * x[1] + b).sigmoid() - y) ** 2
    for p in (*w, b):
        p.grad = 0.0
    (loss / 3).backward()
    for p in (*w, b):
        p.data -= 0.5 * p.grad
