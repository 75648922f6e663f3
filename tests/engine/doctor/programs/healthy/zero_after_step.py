"""The gradients are set back after the update."""
import random

from engine import Value

random.seed(1)
ws = [Value(random.uniform(-1, 1)) for _ in range(3)]
table = [([1.0, 0.5, 1.0], 1.0), ([-1.0, 0.2, 1.0], 0.0), ([0.3, -0.8, 1.0], 0.5)]
for _ in range(25):
    loss = sum((sum(w * x for w, x in zip(ws, xs)).sigmoid() - y) ** 2 for xs, y in table) / 3
    loss.backward()
    for w in ws:
        w.data -= 0.5 * w.grad
        w.grad = 0.0
