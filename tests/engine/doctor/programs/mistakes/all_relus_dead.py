"""The biases start so low that every relu is off for every sample."""
# cause: dead-relu
import random

from engine import Value

random.seed(2)


class Unit:
    def __init__(self, n):
        self.w = [Value(random.uniform(-1, 1)) for _ in range(n)]
        self.b = Value(-20.0)  # right: self.b = Value(0.1)

    def __call__(self, x):
        return sum((w * xi for w, xi in zip(self.w, x)), self.b).relu()

    def parameters(self):
        return self.w + [self.b]


layer = [Unit(2) for _ in range(4)]
readout = [Value(random.uniform(-1, 1)) for _ in range(4)]
parameters = [p for unit in layer for p in unit.parameters()] + readout
samples = [([0.0, 0.5], 0.3), ([1.0, -1.0], 0.9), ([0.3, 0.8], 0.1), ([-0.6, -0.2], 0.7)]
for k in range(20):
    loss = sum((sum(v * u(x) for v, u in zip(readout, layer)) - y) ** 2 for x, y in samples)
    for p in parameters:
        p.grad = 0
    loss.backward()
    for p in parameters:
        p.data -= 0.02 * p.grad
