"""Two unknowns, a penalty for a constraint with a weight that grows."""
from engine import Value

x, y = Value(1.0), Value(0.0)
strength = 1.0
for outer in range(4):
    for inner in range(10):
        loss = (x - 2) ** 2 + (y - 1) ** 2 + strength * (x + y - 2) ** 2
        x.grad = y.grad = 0.0
        loss.backward()
        x.data -= 0.05 * x.grad
        y.data -= 0.05 * y.grad
    strength *= 1.5
