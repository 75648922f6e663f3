"""Noise in the forward pass, two terms in the loss."""
import random

from engine import Value, exp

random.seed(2)
mu, s, v = Value(0.1), Value(-1.0), Value(0.5)
data = [0.9, 1.1, 1.0, 0.8]
for epoch in range(25):
    loss = 0
    for d in data:
        z = mu + exp(s) * random.gauss(0, 1)
        loss = loss + (v * z - d) ** 2
    loss = loss / 4 + 0.05 * (mu**2 + exp(2 * s) - 2 * s - 1)
    for p in (mu, s, v):
        p.grad = 0.0
    loss.backward()
    for p in (mu, s, v):
        p.data -= 0.05 * p.grad
