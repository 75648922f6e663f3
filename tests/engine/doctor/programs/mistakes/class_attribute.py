"""The weights belong to the class, so that all neurons share them."""
# cause: shared-parameter
import random

from engine import Value

random.seed(8)


class Neuron:
    w = [Value(random.uniform(-1, 1)), Value(random.uniform(-1, 1))]
    b = Value(0.0)

    # missing: __init__ = lambda self: (setattr(self, "w", [Value(random.uniform(-1, 1)), Value(random.uniform(-1, 1))]), setattr(self, "b", Value(0.0)))[0]
    def fire(self, x):
        return (self.w[0] * x[0] + self.w[1] * x[1] + self.b).sigmoid()


units = [Neuron(), Neuron(), Neuron()]
mix = [Value(random.uniform(-1, 1)) for _ in units]
params = mix + [p for u in units for p in [*u.w, u.b]]
for epoch in range(20):
    loss = 0
    for x, y in [((0, 0), 0), ((0, 1), 1), ((1, 0), 1), ((1, 1), 0)]:
        loss = loss + (sum(m * u.fire(x) for m, u in zip(mix, units)) - y) ** 2
    for p in params:
        p.grad = 0
    loss.backward()
    for p in params:
        p.data -= 0.1 * p.grad
