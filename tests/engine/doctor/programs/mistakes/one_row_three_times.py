"""Three hidden units share one list of weights."""
# cause: shared-parameter
import random

from engine import Value, tanh

random.seed(0)
W = [[Value(random.uniform(-1, 1), f"w{i}") for i in range(2)]] * 3  # right: W = [[Value(random.uniform(-1, 1)) for i in range(2)] for _ in range(3)]
v = [Value(random.uniform(-1, 1), f"v{i}") for i in range(3)]
b = Value(0.0, "b")
parameters = [p for r in W for p in r] + v + [b]
X = [[0, 0], [0, 1], [1, 0], [1, 1]]
Y = [0, 1, 1, 0]
losses = []
for epoch in range(30):
    loss = 0
    for x, y in zip(X, Y):
        h = [tanh(sum(w * xi for w, xi in zip(r, x))) for r in W]
        out = sum(a * c for a, c in zip(h, v)) + b
        loss = loss + (out - y) ** 2
    for p in parameters:
        p.grad = 0
    loss.backward()
    for p in parameters:
        p.data -= 0.05 * p.grad
    losses.append(loss.data)
