"""The new numbers are computed, and kept nowhere."""
# cause: no-step
from engine import Value

c = [Value(0.5), Value(-0.5)]
for _ in range(12):
    loss = sum((c[0] * x + c[1] - 3.0 * x) ** 2 for x in (0.5, 1.0, 1.5))
    for v in c:
        v.grad = 0.0
    loss.backward()
    for v in c:
        new = v.data - 0.1 * v.grad  # right: v.data = v.data - 0.1 * v.grad
