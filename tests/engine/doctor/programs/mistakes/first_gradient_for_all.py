"""All parameters are moved by the gradient of the first."""
# cause: other-gradient
import random

from engine import Value

random.seed(1)
ps = [Value(random.uniform(-1, 1)) for _ in range(3)]
for _ in range(10):
    loss = sum((ps[0] * a + ps[1] * b + ps[2] - t) ** 2 for a, b, t in [(1.0, 0.5, 2.0), (0.3, -1.0, 0.0), (-0.7, 0.4, 1.0)]) / 3
    for p in ps:
        p.grad = 0.0
    loss.backward()
    for p in ps:
        p.data -= 0.1 * ps[0].grad
