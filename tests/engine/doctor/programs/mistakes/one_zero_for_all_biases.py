"""All biases are the same object."""
# cause: shared-parameter
import random

from engine import Value


def make(n_in, n_out):
    weights = [[Value(random.uniform(-1, 1)) for _ in range(n_in)] for _ in range(n_out)]
    biases = [Value(0.0)] * n_out  # right: biases = [Value(0.0) for _ in range(n_out)]
    return weights, biases


def layer(x, weights, biases):
    return [sum((w * xi for w, xi in zip(row, x)), b) for row, b in zip(weights, biases)]


random.seed(5)
W1, b1 = make(2, 4)
W2, b2 = make(4, 1)
params = [p for row in W1 + W2 for p in row] + b1 + b2
X = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
Y = [0.0, 1.0, 1.0, 0.0]
for step in range(25):
    outs = [layer([h.tanh() for h in layer(x, W1, b1)], W2, b2)[0] for x in X]
    loss = sum((o - y) ** 2 for o, y in zip(outs, Y)) / 4
    for p in params:
        p.grad = 0.0
    loss.backward()
    for p in params:
        p.data -= 0.1 * p.grad
