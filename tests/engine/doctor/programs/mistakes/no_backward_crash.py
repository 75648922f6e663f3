"""Without backward(), .grad is None, and the update fails."""
# cause: no-backward
from engine import Value

w, b = Value(0.3), Value(0.1)
for _ in range(5):
    loss = sum((w * x + b - y) ** 2 for x, y in [(1.0, 2.0), (2.0, 3.0)])
    w.data -= 0.1 * w.grad
    b.data -= 0.1 * b.grad
