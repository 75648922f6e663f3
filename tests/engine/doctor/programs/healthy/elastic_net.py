"""Two penalties, one of them with an absolute value."""
import random

from engine import Value

random.seed(2)
w = [Value(random.uniform(-1, 1)) for _ in range(4)]
rows = [([random.gauss(0, 1) for _ in range(4)]) for _ in range(8)]
truth = [r[0] - 0.5 * r[2] for r in rows]
for _ in range(25):
    error = sum((sum(a * b for a, b in zip(w, r)) - t) ** 2 for r, t in zip(rows, truth)) / 8
    loss = error + 0.01 * sum(abs(p) for p in w) + 0.01 * sum(p * p for p in w)
    for p in w:
        p.grad = 0.0
    loss.backward()
    for p in w:
        p.data -= 0.1 * p.grad
