"""The prediction is made once more for the same point, whatever the target is."""
# cause: input-unused
from engine import Value

w, b = Value(0.5), Value(0.1)
targets = [1.0, 2.0, 3.0]
for _ in range(10):
    loss = sum((w * 0.7 + b - y) ** 2 for y in targets) / 3
    w.grad = b.grad = 0.0
    loss.backward()
    w.data -= 0.1 * w.grad
    b.data -= 0.1 * b.grad
