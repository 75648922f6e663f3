"""Inputs sorted alone."""
# cause: shuffled-apart
import random
from engine import Value
random.seed(28)
temperature = [random.uniform(10, 35) for _ in range(18)]
sales = [0.4 * t - 3 + random.gauss(0, 0.2) for t in temperature]
temperature.sort()  # right:
x = [(t - 22) / 7 for t in temperature]
k, c = Value(0.0), Value(0.0)
for epoch in range(80):
    loss = sum((k * a + c - s) ** 2 for a, s in zip(x, sales)) / 18
    k.grad = c.grad = 0.0
    loss.backward()
    k.data -= 0.1 * k.grad
    c.data -= 0.1 * c.grad
print(loss.data)
