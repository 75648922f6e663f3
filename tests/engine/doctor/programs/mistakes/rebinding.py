"""w becomes a new node at each step, so that the graph grows."""
# cause: rebound-parameter
from engine import Value

w = Value(0.5, "w")
b = Value(0.0, "b")
xs = [1.0, 2.0, 3.0]
ys = [2.0, 4.0, 6.0]
losses = []
for i in range(20):
    loss = sum((w * x + b - y) ** 2 for x, y in zip(xs, ys))
    # missing: w.grad = b.grad = 0.0
    loss.backward()
    w = w - 0.01 * w.grad  # right: w.data = w.data - 0.01 * w.grad
    b = b - 0.01 * b.grad  # right: b.data = b.data - 0.01 * b.grad
    losses.append(loss.data)
