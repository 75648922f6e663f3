"""relu before the sigmoid of the output."""
# cause: scale-mismatch
import random

from engine import Value, log

random.seed(2)
w, b = [Value(random.uniform(-1, 1)) for _ in range(2)], Value(0.1)
data = [((0.2, 0.9), 1), ((0.9, 0.3), 0), ((0.4, 0.8), 1), ((0.8, 0.1), 0)]
for _ in range(15):
    loss = 0
    for x, y in data:
        p = (w[0] * x[0] + w[1] * x[1] + b).relu().sigmoid()
        loss = loss - (y * log(p) + (1 - y) * log(1 - p))
    loss = loss / 4
    for q in (*w, b):
        q.grad = 0.0
    loss.backward()
    for q in (*w, b):
        q.data -= 0.3 * q.grad
