"""A sum over 60 points with a usual learning rate."""
# cause: sum-not-mean
from engine import Value

points = [(i / 30 - 1.0, 2.0 * (i / 30 - 1.0) + 0.5) for i in range(60)]
slope, shift = Value(0.0), Value(0.0)


def loss_of():
    # missing: return sum((slope * x + shift - y) ** 2 for x, y in points) / len(points)
    return sum((slope * x + shift - y) ** 2 for x, y in points)


for turn in range(10):
    loss = loss_of()
    slope.grad = shift.grad = 0.0
    loss.backward()
    for p in (slope, shift):
        p.data -= 0.1 * p.grad
