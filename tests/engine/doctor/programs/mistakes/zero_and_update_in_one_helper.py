"""One function sets a gradient to 0 and updates, in this order."""
# cause: zeroed-before-step
from engine import Value


def renew(p):
    p.grad = 0.0  # right:
    p.data -= 0.1 * p.grad
    # missing: p.grad = 0.0


w, b = Value(0.5), Value(0.1)
for _ in range(10):
    loss = sum((w * x + b - y) ** 2 for x, y in [(0.0, 1.0), (1.0, 2.0), (2.0, 2.5)]) / 3
    loss.backward()
    for p in (w, b): renew(p)
