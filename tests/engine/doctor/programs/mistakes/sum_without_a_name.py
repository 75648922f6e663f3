"""A sum over many samples, differentiated as it is returned."""
# cause: sum-not-mean
from engine import Value

w, b = Value(0.0), Value(0.0)
data = [(i / 10 - 1.0, 3.0 * (i / 10 - 1.0) + 1.0) for i in range(21)]


def total():
    return sum((w * x + b - y) ** 2 for x, y in data)


for _ in range(8):
    w.grad = b.grad = 0.0
    total().backward()  # right: (total() / len(data)).backward()
    for p in (w, b):
        p.data -= 0.1 * p.grad
