"""The top of a hill is looked for, so the update adds the gradient."""
from engine import Value, exp

x, y = Value(1.5), Value(-0.8)
for _ in range(20):
    height = exp(-(x**2) - 2 * y**2)
    x.grad = y.grad = 0.0
    height.backward()
    x.data += 0.3 * x.grad
    y.data += 0.3 * y.grad
print(height.data)
