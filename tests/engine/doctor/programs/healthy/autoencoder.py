"""A linear autoencoder: two layers without an activation, on purpose."""
import random

from engine import Value

random.seed(10)
E = [Value(random.uniform(-1, 1)) for _ in range(3)]
D = [Value(random.uniform(-1, 1)) for _ in range(3)]
data = [[1.0, 2.0, 0.5], [0.5, 1.1, 0.2], [-1.0, -2.1, -0.4], [0.2, 0.4, 0.1]]
for epoch in range(40):
    loss = 0
    for x in data:
        code = sum(e * a for e, a in zip(E, x))
        loss = loss + sum((d * code - a) ** 2 for d, a in zip(D, x))
    loss = loss / 4
    for p in E + D:
        p.grad = 0.0
    loss.backward()
    for p in E + D:
        p.data -= 0.02 * p.grad
