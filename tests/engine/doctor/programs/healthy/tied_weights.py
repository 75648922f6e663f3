"""An autoencoder whose decoder uses the encoder's weights."""
import random

from engine import Value

random.seed(11)
W = [[Value(random.uniform(-0.7, 0.7)) for _ in range(3)] for _ in range(2)]
params = [p for row in W for p in row]
data = [[1.0, 0.0, 0.5], [0.2, 0.9, 0.1], [0.5, 0.5, 0.5]]
for _ in range(20):
    loss = 0
    for x in data:
        code = [sum(w * xi for w, xi in zip(row, x)).tanh() for row in W]
        back = [sum(W[k][i] * code[k] for k in range(2)) for i in range(3)]
        loss = loss + sum((r - xi) ** 2 for r, xi in zip(back, x))
    for p in params:
        p.grad = 0.0
    loss.backward()
    for p in params:
        p.data -= 0.03 * p.grad
