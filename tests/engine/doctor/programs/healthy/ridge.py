"""A penalty on the weights."""
import random

from engine import Value

random.seed(8)
w = [Value(random.uniform(-1, 1)) for _ in range(2)]
b = Value(0.0)
X = [[0.1, 0.9], [0.8, 0.4], [-0.5, 0.2], [0.3, -0.7]]
Y = [1.2, 1.9, 0.1, 0.0]
lam = 0.01
for _ in range(30):
    mse = sum((w[0] * x[0] + w[1] * x[1] + b - y) ** 2 for x, y in zip(X, Y)) / len(Y)
    loss = mse + lam * sum(p**2 for p in w)
    for p in (*w, b):
        p.grad = 0
    loss.backward()
    for p in (*w, b):
        p.data -= 0.2 * p.grad
