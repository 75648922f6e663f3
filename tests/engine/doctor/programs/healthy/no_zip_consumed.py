"""A relative of zip_consumed.py."""
import random
from engine import Value
random.seed(2)
xs = [random.uniform(-1, 1) for _ in range(20)]
ys = [0.7 * x - 0.4 for x in xs]
a, b = Value(0.0), Value(0.0)
for epoch in range(30):
    pairs = zip(xs, ys)
    for x, y in pairs:
        loss = (a * x + b - y) ** 2
        a.grad = b.grad = 0.0
        loss.backward()
        a.data -= 0.05 * a.grad
        b.data -= 0.05 * b.grad
    print(epoch, loss.data)
