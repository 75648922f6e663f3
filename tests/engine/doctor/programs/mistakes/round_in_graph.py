"""round() of a prediction."""
# cause: zero-slope
from engine import Value

w = Value(0.7)
for _ in range(5):
    loss = sum((round(w * x) - y) ** 2 for x, y in [(1.0, 2.0), (2.0, 4.0)])
    w.grad = 0
    loss.backward()
    w.data -= 0.1 * w.grad
