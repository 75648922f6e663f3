"""The loss has no name, and the gradients are not set back."""
# cause: stale-gradients
from engine import Value

w, b = Value(0.5), Value(0.1)
data = [(0.0, 1.0), (1.0, 2.0), (2.0, 2.5)]
for _ in range(10):
    # missing: w.grad = b.grad = 0.0
    (sum((w * x + b - y) ** 2 for x, y in data) / 3).backward()
    w.data -= 0.02 * w.grad
    b.data -= 0.02 * b.grad
