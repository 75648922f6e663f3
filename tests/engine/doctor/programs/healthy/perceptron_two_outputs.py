"""Two outputs, one-hot, squared error, per sample."""
import random
from engine import Value
random.seed(5)
W = [[Value(random.uniform(-1, 1)) for _ in range(3)] for _ in range(2)]
data = [([0.9, 0.1, 1], (1, 0)), ([0.2, 0.8, 1], (0, 1)), ([0.7, 0.3, 1], (1, 0))]
for e in range(12):
    for x, t in data:
        outs = [sum(w*a for w, a in zip(r, x)).sigmoid() for r in W]
        loss = sum((o - k)**2 for o, k in zip(outs, t))
        for r in W:
            for p in r: p.grad = 0.0
        loss.backward()
        for r in W:
            for p in r: p.data -= 1.0*p.grad
