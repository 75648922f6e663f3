"""The penalty in the loss is far stronger than the data."""
# cause: decay-too-large
import random

from engine import Value

random.seed(6)
ws = [Value(random.uniform(-1, 1)) for _ in range(3)]
rows = [([0.5, 1.0, 1.0], 2.0), ([1.5, -0.5, 1.0], 1.0), ([-1.0, 0.3, 1.0], -0.5)]
LAMBDA = 8.0  # right: LAMBDA = 0.001
for epoch in range(40):
    fit_term = sum((sum(w * x for w, x in zip(ws, xs)) - y) ** 2 for xs, y in rows) / 3
    loss = fit_term + LAMBDA * sum(w * w for w in ws)
    for w in ws:
        w.grad = 0
    loss.backward()
    for w in ws:
        w.data -= 0.05 * w.grad
