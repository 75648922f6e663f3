"""Centre and radius of a circle."""
from engine import Value, sqrt

cx, cy, r = Value(0.5), Value(0.2), Value(1.0)
points = [(3.0, 1.0), (1.0, 3.0), (-1.0, 1.0), (1.0, -1.0), (2.4, 2.4)]
for _ in range(40):
    loss = sum((sqrt((x - cx) ** 2 + (y - cy) ** 2) - r) ** 2 for x, y in points) / len(points)
    for p in (cx, cy, r):
        p.grad = 0.0
    loss.backward()
    for p in (cx, cy, r):
        p.data -= 0.2 * p.grad
