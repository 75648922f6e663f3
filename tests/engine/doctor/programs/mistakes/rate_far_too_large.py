"""The learning rate is far too large."""
# cause: rate-too-large
import random

from engine import Value

rng = random.Random(0)
xs = [rng.uniform(-2, 2) for _ in range(12)]
ys = [1.5 * x - 0.5 for x in xs]
m, c = Value(0.0, "m"), Value(0.0, "c")
lr = 3.0  # right: lr = 0.1
for epoch in range(15):
    loss = sum((m * x + c - y) ** 2 for x, y in zip(xs, ys)) / len(xs)
    for p in (m, c):
        p.grad = 0.0
    loss.backward()
    for p in (m, c):
        p.data -= lr * p.grad
