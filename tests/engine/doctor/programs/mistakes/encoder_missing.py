"""The encoder's parameters are not among those that are updated."""
# cause: not-updated
import random

from engine import Value

rng = random.Random(12)
enc = [[Value(rng.gauss(0, 1)) for _ in range(3)] for _ in range(2)]
dec = [[Value(rng.gauss(0, 1)) for _ in range(2)] for _ in range(3)]
data = [[1.0, 0.2, 0.1], [0.1, 0.9, 0.3], [0.2, 0.1, 0.8], [0.5, 0.5, 0.0]]


def matvec(m, x):
    return [sum(a * b for a, b in zip(row, x)) for row in m]


trainable = [p for row in dec for p in row]  # right: trainable = [p for row in enc + dec for p in row]
for epoch in range(20):
    loss = 0
    for x in data:
        code = [c.tanh() for c in matvec(enc, x)]
        loss += sum((r - xi) ** 2 for r, xi in zip(matvec(dec, code), x))
    loss = loss / len(data)
    for p in trainable:
        p.grad = 0
    loss.backward()
    for p in trainable:
        p.data -= 0.1 * p.grad
