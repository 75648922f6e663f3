"""The inputs are taken in a shuffled order, the targets in the old one."""
# cause: shuffled-apart
import random

from engine import Value

random.seed(8)
X, Y = [0.1 * i for i in range(10)], [0.3 * i + 1 for i in range(10)]
w, b = Value(0.0), Value(0.0)
places = list(range(10))
for epoch in range(6):
    random.shuffle(places)
    for k, i in enumerate(places):
        loss = (w * X[i] + b - Y[k]) ** 2
        w.grad = b.grad = 0.0
        loss.backward()
        w.data -= 0.1 * w.grad
        b.data -= 0.1 * b.grad
