"""Noise is added to each update on purpose."""
import random

from engine import Value

random.seed(0)
x = Value(3.0)
for _ in range(40):
    energy = 0.5 * (x - 1.0) ** 2
    x.grad = 0.0
    energy.backward()
    x.data += -0.05 * x.grad + random.gauss(0, 0.05)
