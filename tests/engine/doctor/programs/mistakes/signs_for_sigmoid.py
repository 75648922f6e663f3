"""The output is a sigmoid, but the targets are -1 and 1."""
# cause: scale-mismatch
import random

from engine import Value

random.seed(9)
w = [Value(random.uniform(-1, 1)) for _ in range(3)]
X = [[1.0, 0.3, 1.0], [0.2, -0.7, 1.0], [-0.4, 0.8, 1.0], [-1.0, -0.1, 1.0]]
Y = [1, 1, -1, -1]  # right: Y = [1, 1, 0, 0]
for epoch in range(20):
    out = [sum(wi * xi for wi, xi in zip(w, x)).sigmoid() for x in X]
    loss = sum((y - o) ** 2 for o, y in zip(out, Y)) / len(Y)
    for p in w:
        p.grad = 0
    loss.backward()
    for p in w:
        p.data -= 0.3 * p.grad
