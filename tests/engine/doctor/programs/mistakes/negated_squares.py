"""The loss is minus the squared error."""
# cause: negated-loss
from engine import Value

a, b = Value(0.4), Value(0.3)
pts = [(0.0, 1.0), (1.0, 2.0), (2.0, 3.0)]
for i in range(10):
    loss = -sum((y - (a * x + b)) ** 2 for x, y in pts) / len(pts)  # right: loss = sum((y - (a * x + b)) ** 2 for x, y in pts) / len(pts)
    a.grad = b.grad = 0.0
    loss.backward()
    a.data -= 0.05 * a.grad
    b.data -= 0.05 * b.grad
