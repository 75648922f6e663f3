"""Gradients are removed by None."""
from engine import Value

w = [Value(0.5), Value(-0.5), Value(0.0)]
for epoch in range(20):
    loss = sum((w[0] * x + w[1] * y + w[2] - z) ** 2 for x, y, z in [(1, 0, 2), (0, 1, -1), (1, 1, 1), (2, 1, 3)]) / 4
    for p in w:
        p.grad = None
    loss.backward()
    for p in w:
        p.data -= 0.1 * p.grad
