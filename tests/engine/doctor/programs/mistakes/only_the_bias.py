"""Only the bias is updated."""
# cause: not-updated
import random

from engine import Value

random.seed(4)
weight = Value(random.uniform(-1, 1))
bias = Value(random.uniform(-1, 1))
train = [(0.0, 1.0), (1.0, 3.0), (2.0, 5.0)]
for _ in range(20):
    loss = sum((weight * x + bias - y) ** 2 for x, y in train) / 3
    weight.grad = 0.0
    bias.grad = 0.0
    loss.backward()
    bias.data -= 0.1 * bias.grad
    # missing: weight.data -= 0.1 * weight.grad
