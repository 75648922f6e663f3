"""The gradient is clipped by its norm."""
from engine import Value

w = [Value(2.0), Value(-3.0), Value(0.5)]
for _ in range(30):
    loss = sum((w[0] * x * x + w[1] * x + w[2] - (x + 1)) ** 2 for x in (-2.0, -1.0, 0.0, 1.0, 2.0)) / 5
    for p in w:
        p.grad = 0.0
    loss.backward()
    norm = sum(p.grad**2 for p in w) ** 0.5
    if norm > 1.0:
        for p in w:
            p.grad /= norm
    for p in w:
        p.data -= 0.1 * p.grad
