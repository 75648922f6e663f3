"""Centres move towards the points nearest to them."""
from engine import Value

centres = [Value(0.0), Value(1.0)]
points = [-0.2, 0.1, 0.0, 2.1, 1.9, 2.0]
for _ in range(15):
    loss = 0
    for p in points:
        nearest = min(centres, key=lambda c: abs(c.data - p))
        loss = loss + (nearest - p) ** 2
    loss = loss / len(points)
    for c in centres:
        c.grad = 0.0
    loss.backward()
    for c in centres:
        c.data -= 0.5 * c.grad
