"""Softmax is applied in the model and again in the loss."""
# cause: probabilities-as-scores
import random

from engine import Value, exp, log

random.seed(10)
rows = [[Value(random.uniform(-1, 1)) for _ in range(3)] for _ in range(3)]


def softmax(zs):
    es = [exp(z) for z in zs]
    total = sum(es)
    return [e / total for e in es]


def model(x):
    return softmax([r[0] * x[0] + r[1] * x[1] + r[2] for r in rows])  # right: return [r[0] * x[0] + r[1] * x[1] + r[2] for r in rows]


def nll(scores, c):
    return -log(softmax(scores)[c])


for epoch in range(15):
    loss = sum(nll(model(x), c) for x, c in [((1.0, 0.0), 0), ((0.0, 1.0), 1), ((1.0, 1.0), 2)]) / 3
    for r in rows:
        for p in r:
            p.grad = 0.0
    loss.backward()
    for r in rows:
        for p in r:
            p.data -= 0.3 * p.grad
