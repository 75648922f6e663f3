"""A line search tries steps until one is good enough."""
from engine import Value

x, y = Value(2.0, "x"), Value(3.0, "y")


def f():
    return (x - 1) ** 2 + 10 * (y - 2) ** 2


for it in range(10):
    loss = f()
    x.grad = y.grad = 0.0
    loss.backward()
    here, rate = (x.data, y.data), 0.5
    while True:
        x.data, y.data = here[0] - rate * x.grad, here[1] - rate * y.grad
        if f().data < loss.data - 0.3 * rate * (x.grad**2 + y.grad**2) or rate < 1e-6:
            break
        rate /= 2
