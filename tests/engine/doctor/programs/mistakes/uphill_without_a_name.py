"""The update goes up a squared error that has no telling name."""
# cause: wrong-sign
from engine import Value

a, b = Value(0.5), Value(0.1)
for _ in range(10):
    f = sum((a * x + b - y) ** 2 for x, y in [(0.0, 1.0), (1.0, 2.0), (2.0, 2.5)])
    for v in (a, b):
        v.grad = 0.0
    f.backward()
    for v in (a, b):
        v.data += 0.02 * v.grad  # right: v.data -= 0.02 * v.grad
