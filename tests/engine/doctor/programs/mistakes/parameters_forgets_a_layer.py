"""The method parameters() of the learner's own class leaves out a layer."""
# cause: not-updated
import random

from engine import Value


class Net:
    def __init__(self, rng):
        self.w1 = [[Value(rng.uniform(-1, 1)) for _ in range(2)] for _ in range(3)]
        self.b1 = [Value(0.0) for _ in range(3)]
        self.w2 = [Value(rng.uniform(-1, 1)) for _ in range(3)]
        self.b2 = Value(0.0)

    def forward(self, x):
        hidden = [(row[0] * x[0] + row[1] * x[1] + b).tanh() for row, b in zip(self.w1, self.b1)]
        return sum((w * h for w, h in zip(self.w2, hidden)), self.b2)

    def parameters(self):
        return self.w2 + [self.b2]  # right: return [p for row in self.w1 for p in row] + self.b1 + self.w2 + [self.b2]


net = Net(random.Random(4))
data = [([0.0, 0.0], 0.0), ([0.0, 1.0], 1.0), ([1.0, 0.0], 1.0), ([1.0, 1.0], 0.0)]
for step in range(30):
    error = sum((net.forward(x) - y) ** 2 for x, y in data) / len(data)
    for p in net.parameters():
        p.grad = 0.0
    error.backward()
    for p in net.parameters():
        p.data -= 0.1 * p.grad
