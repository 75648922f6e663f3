"""A recurrent network: the same weights at each time."""
import random

from engine import Value

random.seed(4)
wx, wh, wo = (Value(random.uniform(-0.5, 0.5)) for _ in range(3))
bh, bo = Value(0.0), Value(0.0)
params = [wx, wh, wo, bh, bo]
sequences = [([0.1, 0.2, 0.3, 0.4], 0.5), ([0.4, 0.3, 0.2, 0.1], 0.0), ([0.2, 0.4, 0.6, 0.8], 1.0)]
for epoch in range(20):
    loss = 0
    for xs, y in sequences:
        h = Value(0.0)
        for x in xs:
            h = (wx * x + wh * h + bh).tanh()
        loss = loss + (wo * h + bo - y) ** 2
    loss = loss / len(sequences)
    for p in params:
        p.grad = 0.0
    loss.backward()
    for p in params:
        p.data -= 0.1 * p.grad
