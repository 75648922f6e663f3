"""A relative of mutable_default.py."""
import random
from engine import Value
random.seed(12)
class Unit:
    def __init__(self, n, weights=None):
        weights = [] if weights is None else weights
        while len(weights) < n:
            weights.append(Value(random.uniform(-1, 1)))
        self.weights = weights
        self.bias = Value(0.0)
    def __call__(self, xs):
        return (sum(w * x for w, x in zip(self.weights, xs)) + self.bias).sigmoid()
    def parameters(self): return self.weights + [self.bias]
units = [Unit(2) for _ in range(4)]
units = [Unit(2, []) for _ in range(4)]
final = [Value(random.uniform(-1, 1)) for _ in range(4)]
fb = Value(0.0)
ps = list({id(p): p for u in units for p in u.parameters()}.values()) + final + [fb]
rows = [((0.0, 0.0), 0.0), ((0.0, 1.0), 1.0), ((1.0, 0.0), 1.0), ((1.0, 1.0), 0.0)]
for e in range(80):
    loss = Value(0.0)
    for x, t in rows:
        o = sum((v * u(x) for v, u in zip(final, units)), fb)
        loss = loss + (o - t) ** 2
    for p in ps: p.grad = 0.0
    loss.backward()
    for p in ps: p.data -= 0.2 * p.grad
print(loss.data)
