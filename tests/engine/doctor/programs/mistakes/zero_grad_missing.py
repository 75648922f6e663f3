"""The gradients are never set back to 0."""
# cause: stale-gradients
import random

from engine import Value

random.seed(3)
w = [Value(random.uniform(-1, 1)) for _ in range(2)]
b = Value(0.0)
params = w + [b]
points = [([2.0, 1.0], 1.0), ([-1.0, 3.0], -1.0), ([0.5, -1.5], 1.0), ([1.0, 1.0], -1.0)]
for k in range(20):
    loss = sum((sum(wi * xi for wi, xi in zip(w, x)) + b - y) ** 2 for x, y in points) / len(points)
    # missing: for p in params: p.grad = 0.0
    loss.backward()
    for p in params:
        p.data += -0.05 * p.grad
print(loss.data)
