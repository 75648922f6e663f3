"""A number is moved towards the minimum of a function, in a function."""
from engine import Value


def minimise(f, start, rate=0.1, steps=30):
    x = Value(start)
    for _ in range(steps):
        y = f(x)
        x.grad = 0.0
        y.backward()
        x.data -= rate * x.grad
    return x.data


print(minimise(lambda x: x**4 / 4 - x, 2.0), minimise(lambda x: (x - 3) ** 2, 0.0))
