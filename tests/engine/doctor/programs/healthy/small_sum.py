"""A sum of squares over a few points, with a small learning rate."""
from engine import Value

w, b = Value(0.0), Value(0.0)
xs, ys = [0.0, 1.0, 2.0, 3.0], [1.0, 3.0, 5.0, 7.0]
for epoch in range(40):
    loss = sum((w * x + b - y) ** 2 for x, y in zip(xs, ys))
    w.grad = b.grad = 0.0
    loss.backward()
    w.data -= 0.01 * w.grad
    b.data -= 0.01 * b.grad
