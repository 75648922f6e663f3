"""One sample a step through a sigmoid network, in a class."""
import random

from engine import Value


class Net:
    def __init__(self, rng):
        self.hidden = [[Value(rng.gauss(0, 1)) for _ in range(3)] for _ in range(3)]
        self.output = [Value(rng.gauss(0, 1)) for _ in range(4)]

    def __call__(self, x):
        h = [(r[0] * x[0] + r[1] * x[1] + r[2]).sigmoid() for r in self.hidden]
        return (sum(w * hi for w, hi in zip(self.output, h)) + self.output[3]).sigmoid()

    def step(self, x, y, lr):
        loss = (self(x) - y) ** 2
        params = [p for r in self.hidden for p in r] + self.output
        for p in params:
            p.grad = 0.0
        loss.backward()
        for p in params:
            p.data -= lr * p.grad
        return loss.data


net = Net(random.Random(0))
for epoch in range(10):
    for x, y in [((0, 0), 0), ((0, 1), 1), ((1, 0), 1), ((1, 1), 0)]:
        net.step(x, y, 0.5)
