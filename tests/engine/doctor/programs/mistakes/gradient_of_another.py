"""The bias is moved by the weight's gradient."""
# cause: other-gradient
from engine import Value

w, b = Value(0.5, "w"), Value(0.0, "b")
xs, ys = [1.0, 2.0, 4.0], [1.0, 5.0, 6.0]
for i in range(15):
    loss = sum((w * x + b - y) ** 2 for x, y in zip(xs, ys)) / 3
    w.grad = b.grad = 0.0
    loss.backward()
    w.data -= 0.02 * w.grad
    b.data -= 0.02 * w.grad  # right: b.data -= 0.02 * b.grad
