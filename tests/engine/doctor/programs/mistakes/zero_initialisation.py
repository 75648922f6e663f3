"""All weights start at 0."""
# cause: zero-weights
import random

from engine import Value

H = 3
W = [[Value(0.0) for _ in range(2)] for _ in range(H)]  # right: W = [[Value(random.Random(i).uniform(-1, 1)) for i in range(9 * j, 9 * j + 2)] for j in range(H)]
b = [Value(0.0) for _ in range(H)]
V = [Value(0.0) for _ in range(H)]  # right: V = [Value(random.Random(i + 50).uniform(-1, 1)) for i in range(H)]
c = Value(0.0)
params = [p for row in W for p in row] + b + V + [c]


def net(x):
    h = [(sum(w * xi for w, xi in zip(row, x)) + bi).tanh() for row, bi in zip(W, b)]
    return sum(v * hi for v, hi in zip(V, h)) + c


table = {(0, 0): 0, (0, 1): 1, (1, 0): 1, (1, 1): 0}
for epoch in range(20):
    loss = sum((net(x) - y) ** 2 for x, y in table.items()) / 4
    for p in params:
        p.grad = 0.0
    loss.backward()
    for p in params:
        p.data -= 0.2 * p.grad
