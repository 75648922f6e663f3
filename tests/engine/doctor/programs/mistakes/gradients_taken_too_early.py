"""Gradients taken too early."""
# cause: gradient-read-early
from engine import Value
w, b = Value(0.2), Value(0.0)
data = [(0.0, 1.0), (1.0, 3.0), (2.0, 5.0), (-1.0, -1.0)]
for step in range(30):
    w.grad = 0.0; b.grad = 0.0
    loss = sum((w * x + b - y) ** 2 for x, y in data) / 4
    gw, gb = w.grad, b.grad  # right:
    loss.backward()
    # missing: gw, gb = w.grad, b.grad
    w.data -= 0.1 * gw
    b.data -= 0.1 * gb
    print(step, loss.data)
