"""A series is learnt in its order, a step a time."""
import math

from engine import Value

a, b = Value(0.5), Value(0.1)
series = [math.sin(0.3 * t) for t in range(40)]
for epoch in range(2):
    for now, following in zip(series, series[1:]):
        loss = (a * now + b - following) ** 2
        a.grad = b.grad = 0.0
        loss.backward()
        a.data -= 0.1 * a.grad
        b.data -= 0.1 * b.grad
