"""weights = [] is a class attribute that all instances fill and share."""
# cause: shared-parameter
import random
from engine import Value

class Unit:
    weights = []
    def __init__(self, n):
        while len(self.weights) < n:
            self.weights.append(Value(random.uniform(-1, 1)))
    def __call__(self, xs):
        return sum(w*x for w, x in zip(self.weights, xs)).tanh()

random.seed(2)
units = [Unit(2) for _ in range(4)]
mix = [Value(random.uniform(-1, 1)) for _ in units]
params = list(set(Unit.weights)) + mix
for k in range(15):
    loss = sum((sum(m*u(x) for m, u in zip(mix, units)) - y)**2 for x, y in [((0.1, 0.8), 0.4), ((0.9, 0.3), -0.2), ((0.5, 0.5), 0.1)])
    for p in params: p.grad = 0.0
    loss.backward()
    for p in params: p.data -= 0.05*p.grad
