"""A rather large learning rate: the loss jumps a little, and falls."""
from engine import Value

w = Value(5.0)
b = Value(-3.0)
for _ in range(30):
    loss = (w * 1.0 + b - 2.0) ** 2 + (w * -1.0 + b + 1.0) ** 2
    w.grad = b.grad = 0.0
    loss.backward()
    w.data -= 0.46 * w.grad
    b.data -= 0.46 * b.grad
