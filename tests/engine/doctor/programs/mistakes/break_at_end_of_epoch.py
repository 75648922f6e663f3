"""break stands at the end of the epoch loop."""
# cause: ended-early
from engine import Value

w, b = Value(0.0), Value(0.0)
for epoch in range(200):
    loss = sum((w * x + b - 2 * x - 1) ** 2 for x in (0.0, 1.0, 2.0)) / 3
    w.grad = b.grad = 0.0
    loss.backward()
    w.data -= 0.1 * w.grad
    b.data -= 0.1 * b.grad
    if loss.data > 0.01:
        break
