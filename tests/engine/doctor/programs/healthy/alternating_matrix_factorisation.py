"""Two factors are trained in turns."""
import random

from engine import Value

random.seed(7)
U = [Value(random.uniform(0.2, 1)) for _ in range(3)]
V = [Value(random.uniform(0.2, 1)) for _ in range(3)]
R = [[1.0, 2.0, 0.5], [2.0, 4.1, 1.0], [0.5, 1.0, 0.2]]
for turn in range(16):
    loss = sum((U[i] * V[j] - R[i][j]) ** 2 for i in range(3) for j in range(3)) / 9
    for p in U + V:
        p.grad = 0.0
    loss.backward()
    for p in U if turn % 2 else V:
        p.data -= 0.3 * p.grad
