"""A relative of bias_forgotten_in_forward.py."""
import random
from engine import Value
random.seed(7)
class Neuron:
    def __init__(self, n):
        self.w = [Value(random.uniform(-1, 1)) for _ in range(n)]
        self.b = Value(0.1)
    def __call__(self, x):
        z = self.b
        for w, v in zip(self.w, x): z = z + w * v
        return z.tanh()
    def parameters(self): return [*self.w, self.b]
hidden, out = [Neuron(2) for _ in range(3)], Neuron(3)
params = [p for n in [*hidden, out] for p in n.parameters()]
xnor = [((0, 0), 0.9), ((0, 1), -0.9), ((1, 0), -0.9), ((1, 1), 0.9)]
for _ in range(100):
    loss = sum((out([h(x) for h in hidden]) - y) ** 2 for x, y in xnor)
    for p in params: p.grad = 0.0
    loss.backward()
    for p in params: p.data -= 0.1 * p.grad
print(loss.data)
