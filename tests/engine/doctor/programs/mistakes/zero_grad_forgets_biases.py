"""Only the weights' gradients are set back; the biases' are not."""
# cause: stale-gradients
import random

from engine import Value


class Neuron:
    def __init__(self, n):
        self.w = [Value(random.gauss(0, 0.5)) for _ in range(n)]
        self.b = Value(0.0)

    def __call__(self, x):
        return (sum((w * xi for w, xi in zip(self.w, x)), self.b)).tanh()


random.seed(1)
hidden = [Neuron(2) for _ in range(3)]
out = Neuron(3)
X = [[0, 0], [0, 1], [1, 0], [1, 1]]
Y = [0, 1, 1, 0]
neurons = hidden + [out]
for epoch in range(25):
    total = Value(0.0)
    for x, y in zip(X, Y):
        total = total + (out([h(x) for h in hidden]) - y) ** 2
    loss = total / 4
    for n in neurons:
        for w in n.w:
            w.grad = 0
        # missing: n.b.grad = 0
    loss.backward()
    for n in neurons:
        for p in n.w + [n.b]:
            p.data -= 0.1 * p.grad
