"""layer2 = layer1 is the same layer."""
# cause: shared-parameter
import random

from engine import Value

random.seed(7)
left = [Value(random.uniform(-1, 1)) for _ in range(2)]
right = left
out = [Value(0.5), Value(-0.3)]
every = left + right + out
for _ in range(12):
    loss = 0
    for x, y in [((0.1, 0.9), 1.0), ((0.8, 0.4), 0.0), ((0.5, 0.5), 0.3)]:
        a = (left[0] * x[0] + left[1] * x[1]).tanh()
        b = (right[0] * x[0] + right[1] * x[1]).tanh()
        loss = loss + (out[0] * a + out[1] * b - y) ** 2
    for p in every:
        p.grad = 0.0
    loss.backward()
    for p in every:
        p.data -= 0.05 * p.grad
