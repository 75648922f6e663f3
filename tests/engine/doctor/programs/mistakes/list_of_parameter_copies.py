"""The parameters are listed as copies."""
# cause: other-parameters
import copy
import random

from engine import Value

random.seed(5)
w = [Value(random.uniform(-1, 1)) for _ in range(2)]
params = copy.deepcopy(w)
for _ in range(12):
    loss = sum((w[0] * a + w[1] * b - t) ** 2 for a, b, t in [(1.0, 0.2, 0.5), (0.4, 0.9, -0.2)]) / 2
    for p in params:
        p.grad = 0.0
    loss.backward()
    for p in params:
        p.data -= 0.1 * p.grad
