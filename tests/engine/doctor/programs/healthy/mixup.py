"""Each step mixes two samples at random."""
import random

from engine import Value

random.seed(3)
w, b = [Value(0.1), Value(-0.1)], Value(0.0)
data = [([0.0, 1.0], 1.0), ([1.0, 0.0], 0.0), ([0.8, 0.6], 0.4), ([0.2, 0.3], 0.7)]
for step in range(40):
    (x1, y1), (x2, y2), m = *random.sample(data, 2), random.random()
    x = [m * a + (1 - m) * c for a, c in zip(x1, x2)]
    loss = (w[0] * x[0] + w[1] * x[1] + b - m * y1 - (1 - m) * y2) ** 2
    for p in (*w, b):
        p.grad = 0.0
    loss.backward()
    for p in (*w, b):
        p.data -= 0.1 * p.grad
