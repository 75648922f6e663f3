"""The update of an optimiser of one's own adds the gradient."""
# cause: wrong-sign
import random

from engine import Value


class GradientDescent:
    def __init__(self, params, rate):
        self.params, self.rate = params, rate

    def zero_grad(self):
        for p in self.params:
            p.grad = 0.0

    def step(self):
        for p in self.params:
            p.data = p.data + self.rate * p.grad  # right: p.data = p.data - self.rate * p.grad


random.seed(2)
coefficients = [Value(random.random()) for _ in range(3)]
gd = GradientDescent(coefficients, 0.05)
for _ in range(8):
    a, b, c = coefficients
    loss = sum((a * x * x + b * x + c - (x * x - 1)) ** 2 for x in (-1.0, 0.0, 0.5, 1.0)) / 4
    gd.zero_grad()
    loss.backward()
    gd.step()
