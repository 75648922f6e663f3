"""First all samples of one class, then all of the other, one a step."""
# cause: sorted-data
import random

from engine import Value

rng = random.Random(1)
left = [([rng.gauss(-1, 0.4), rng.gauss(0, 0.4)], 0.0) for _ in range(25)]
right_side = [([rng.gauss(1, 0.4), rng.gauss(0, 0.4)], 1.0) for _ in range(25)]
data = left + right_side
# missing: rng.shuffle(data)
w, b = [Value(0.0), Value(0.0)], Value(0.0)
for epoch in range(3):
    for x, y in data:
        p = (w[0] * x[0] + w[1] * x[1] + b).sigmoid()
        loss = (p - y) ** 2
        for q in (*w, b):
            q.grad = 0.0
        loss.backward()
        for q in (*w, b):
            q.data -= 1.0 * q.grad
