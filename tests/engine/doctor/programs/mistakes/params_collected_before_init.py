"""The list of parameters is made before the biases are made again."""
# cause: not-updated
import random
from engine import Value

random.seed(3)
w = [Value(random.gauss(0, 1)) for _ in range(3)]
b = Value(0.0)
params = w + [b]
b = Value(random.gauss(0, 1))
points = [([0.1, 0.5, 0.9], 1.0), ([0.7, 0.2, 0.4], -0.5), ([0.3, 0.3, 0.8], 0.2)]
for k in range(25):
    loss = sum((sum(wi*xi for wi, xi in zip(w, x)) + b - y)**2 for x, y in points) / 3
    for p in params:
        p.grad = 0.0
    loss.backward()
    for p in params:
        p.data -= 0.1 * p.grad
