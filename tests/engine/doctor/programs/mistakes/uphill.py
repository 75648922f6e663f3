"""The update adds the gradient."""
# cause: wrong-sign
from engine import Value

theta = [Value(0.3), Value(-0.2)]
batch = [(0.5, 1.0), (1.5, 2.0), (-1.0, -0.5)]
for it in range(12):
    mse = sum((theta[0] * x + theta[1] - y) ** 2 for x, y in batch) / 3
    for t in theta:
        t.grad = 0.0
    mse.backward()
    for t in theta:
        t.data += 0.05 * t.grad  # right: t.data -= 0.05 * t.grad
