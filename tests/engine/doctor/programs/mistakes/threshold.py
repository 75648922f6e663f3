"""A comparison turns the output into 0 or 1."""
# cause: unreached-parameter
from engine import Value

w, t = Value(0.5), Value(0.2)
cases = [(0.1, 0.0), (0.4, 0.0), (0.7, 1.0), (1.0, 1.0)]
for r in range(10):
    loss = Value(0.0)
    for x, y in cases:
        out = w * x + t
        fired = Value(1.0) if out > 0.5 else Value(0.0)  # right: fired = out
        loss = loss + (fired - y) ** 2
    w.grad = t.grad = 0.0
    loss.backward()
    w.data -= 0.1 * w.grad
    t.data -= 0.1 * t.grad
