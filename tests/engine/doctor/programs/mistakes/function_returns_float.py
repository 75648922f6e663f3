"""A forward function that returns a float for printing."""
# cause: unreached-parameter
from engine import Value

slope = Value(0.4, "slope")


def line(x):
    return float(slope * x)


for _ in range(10):
    loss = Value(0.0)
    for x, y in [(1.0, 3.0), (2.0, 6.0)]:
        loss = loss + (Value(line(x)) - y) ** 2
    slope.grad = 0.0
    loss.backward()
    slope.data -= 0.05 * slope.grad
