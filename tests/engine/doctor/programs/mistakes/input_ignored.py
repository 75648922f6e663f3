"""The forward pass does not use its input."""
# cause: input-unused
import random

from engine import Value


class Model:
    def __init__(self):
        self.w = [Value(random.uniform(-1, 1)) for _ in range(2)]
        self.v = Value(0.7)
        self.c = Value(0.0)

    def forward(self, x):
        h = (self.w[0] * 1.0 + self.w[1] * 0.5).tanh()  # right: h = (self.w[0] * x[0] + self.w[1] * x[1]).tanh()
        return self.v * h + self.c

    def parameters(self):
        return [*self.w, self.v, self.c]


random.seed(1)
model = Model()
data = [((0.2, 0.9), 1.0), ((0.8, 0.1), -1.0), ((0.4, 0.6), 0.2)]
for epoch in range(15):
    loss = sum((model.forward(x) - y) ** 2 for x, y in data) / len(data)
    for p in model.parameters():
        p.grad = 0
    loss.backward()
    for p in model.parameters():
        p.data -= 0.1 * p.grad
