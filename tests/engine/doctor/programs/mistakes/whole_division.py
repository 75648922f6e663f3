"""1 // n is 0, and so is the loss."""
# cause: zero-slope
from engine import Value

w, b = Value(0.5), Value(0.0)
data = [(1.0, 2.0), (2.0, 3.0), (3.0, 4.0)]
for i in range(10):
    loss = sum((w * x + b - y) ** 2 for x, y in data) * (1 // len(data))  # right: loss = sum((w * x + b - y) ** 2 for x, y in data) * (1 / len(data))
    w.grad, b.grad = 0.0, 0.0
    loss.backward()
    w.data -= 0.05 * w.grad
    b.data -= 0.05 * b.grad
