"""A counted loop over batches takes the first slice each time."""
# cause: unused-samples
import random

from engine import Value

random.seed(3)
X = [[random.uniform(-1, 1) for _ in range(2)] for _ in range(30)]
Y = [a - 2 * b for a, b in X]
w = [Value(0.0), Value(0.0)]
for epoch in range(4):
    for batch in range(6):
        xs, ys = X[0:5], Y[0:5]
        loss = sum((w[0] * x[0] + w[1] * x[1] - y) ** 2 for x, y in zip(xs, ys)) / 5
        for p in w:
            p.grad = 0.0
        loss.backward()
        for p in w:
            p.data -= 0.2 * p.grad
