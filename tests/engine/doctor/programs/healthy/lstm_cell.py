"""A small LSTM over short sequences."""
import random

from engine import Value

random.seed(6)
gates = [[Value(random.uniform(-0.6, 0.6)) for _ in range(3)] for _ in range(4)]
wo = Value(0.5)
params = [p for g in gates for p in g] + [wo]
data = [([0.1, 0.5, 0.9], 0.3), ([0.9, 0.5, 0.1], 0.7)]
for epoch in range(15):
    loss = 0
    for xs, y in data:
        h, c = 0.0, 0.0
        for x in xs:
            i, f, o = [(g[0] * x + g[1] * h + g[2]).sigmoid() for g in gates[:3]]
            c = f * c + i * (gates[3][0] * x + gates[3][1] * h + gates[3][2]).tanh()
            h = o * c.tanh()
        loss = loss + (wo * h - y) ** 2
    for p in params:
        p.grad = 0.0
    loss.backward()
    for p in params:
        p.data -= 0.2 * p.grad
