"""House prices: the losses are large, and fall."""
from engine import Value

size = [0.5, 0.8, 1.0, 1.2, 2.0]
price = [105000.0, 160000.0, 210000.0, 240000.0, 405000.0]
a, b = Value(0.0, "a"), Value(0.0, "b")
losses = []
for _ in range(30):
    loss = sum((a * s + b - p) ** 2 for s, p in zip(size, price)) / len(price)
    a.grad = b.grad = 0.0
    loss.backward()
    a.data -= 0.2 * a.grad
    b.data -= 0.2 * b.grad
    losses.append(loss.data)
