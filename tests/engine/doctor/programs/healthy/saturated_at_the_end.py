"""After long training the sigmoid is nearly certain."""
from engine import Value

w, b = Value(4.0), Value(0.0)
data = [(-2.0, 0.0), (-1.5, 0.0), (1.5, 1.0), (2.0, 1.0)]
for _ in range(30):
    loss = sum(((w * x + b).sigmoid() - y) ** 2 for x, y in data)
    w.grad = b.grad = 0.0
    loss.backward()
    w.data -= 5.0 * w.grad
    b.data -= 5.0 * b.grad
