"""Neurons without a bias cannot learn that two zeros give a one."""
# cause: missing-bias
import random

from engine import Value

random.seed(3)
hidden = [[Value(random.uniform(-1, 1)) for _ in range(2)] for _ in range(4)]
out = [Value(random.uniform(-1, 1)) for _ in range(4)]
biases = [Value(0.0) for _ in range(5)]  # right: biases = [Value(random.uniform(-0.5, 0.5)) for _ in range(5)]
params = [w for row in hidden for w in row] + out
# missing: params += biases
biases = [0.0] * 5  # right:


def forward(x):
    units = [(sum(w * v for w, v in zip(row, x)) + b).tanh() for row, b in zip(hidden, biases)]
    return (sum(w * u for w, u in zip(out, units)) + biases[4]).sigmoid()


for epoch in range(40):
    loss = sum((forward(x) - y) ** 2 for x, y in [((0, 0), 1.0), ((0, 1), 0.0), ((1, 0), 0.0), ((1, 1), 1.0)]) / 4
    for p in params:
        p.grad = 0.0
    loss.backward()
    for p in params:
        p.data -= 0.5 * p.grad
