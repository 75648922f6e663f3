"""The new number is the step alone."""
# cause: update-assigned
from engine import Value

w, b = Value(0.5), Value(0.1)
for _ in range(10):
    loss = sum((w * x + b - y) ** 2 for x, y in [(0.0, 1.0), (1.0, 2.0), (2.0, 2.5)]) / 3
    for p in (w, b):
        p.grad = 0.0
    loss.backward()
    for p in (w, b):
        p.data = p.grad * -0.1  # right: p.data += p.grad * -0.1
