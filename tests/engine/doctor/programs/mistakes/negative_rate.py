"""The learning rate is negative."""
# cause: wrong-sign
from engine import Value

LEARNING_RATE = -0.05
w, b = Value(0.0), Value(0.0)
for i in range(10):
    loss = sum((w * x + b - (x - 1)) ** 2 for x in (-1.0, 0.0, 1.0)) / 3
    for p in (w, b):
        p.grad = 0.0
    loss.backward()
    for p in (w, b):
        p.data -= LEARNING_RATE * p.grad
