"""The output is a relu, but half of the targets are negative."""
# cause: scale-mismatch
import random

from engine import Value


class Unit:
    def __init__(self, size):
        self.ws = [Value(random.uniform(-0.5, 0.5)) for _ in range(size)]
        self.b = Value(0.3)

    def __call__(self, xs, f):
        return f(sum((w * x for w, x in zip(self.ws, xs)), self.b))


random.seed(3)
inner = [Unit(1) for _ in range(3)]
outer = Unit(3)
ps = [p for u in [*inner, outer] for p in [*u.ws, u.b]]
for _ in range(20):
    loss = 0
    for x, y in [(-1.0, -0.8), (-0.5, -0.2), (0.5, 0.3), (1.0, 0.9)]:
        h = [u([x], Value.tanh) for u in inner]
        loss = loss + (outer(h, Value.relu) - y) ** 2  # right: loss = loss + (outer(h, lambda v: v) - y) ** 2
    for p in ps:
        p.grad = 0.0
    loss.backward()
    for p in ps:
        p.data -= 0.05 * p.grad
