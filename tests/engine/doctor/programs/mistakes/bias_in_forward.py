"""Bias in forward."""
# cause: unreached-parameter
import random
from engine import Value, tanh
random.seed(3)
class Neuron:
    def __init__(self, n):
        self.w = [Value(random.uniform(-1, 1)) for _ in range(n)]
        self.b = Value(random.uniform(-1, 1))
    def __call__(self, x):
        b = Value(random.uniform(-1, 1))  # right: b = self.b
        return tanh(sum(w * v for w, v in zip(self.w, x)) + b)
    def parameters(self): return self.w + [self.b]
hidden = [Neuron(2) for _ in range(4)]
out = Neuron(4)
ps = [p for n in hidden + [out] for p in n.parameters()]
data = [((0, 0), -0.8), ((0, 1), 0.8), ((1, 0), 0.8), ((1, 1), -0.8)]
for e in range(60):
    loss = sum((out([h(x) for h in hidden]) - t) ** 2 for x, t in data)
    for p in ps: p.grad = 0
    loss.backward()
    for p in ps: p.data -= 0.1 * p.grad
print(loss.data)
