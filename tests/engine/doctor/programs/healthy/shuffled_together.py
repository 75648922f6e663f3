"""Inputs and targets are shuffled by the same seed."""
import random

from engine import Value

X = [[i / 10.0] for i in range(10)]
Y = [3 * x[0] + 1 for x in X]
w, b = Value(0.0), Value(0.0)
for epoch in range(6):
    random.Random(epoch).shuffle(X)
    random.Random(epoch).shuffle(Y)
    for x, y in zip(X, Y):
        loss = (w * x[0] + b - y) ** 2
        w.grad = b.grad = 0.0
        loss.backward()
        w.data -= 0.1 * w.grad
        b.data -= 0.1 * b.grad
