"""A second derivative in the loss."""
from engine import Value, grad
w, b = Value(0.6), Value(-0.2)
for _ in range(15):
    total = 0
    for x0, t in [(0.5, 0.2), (1.0, 0.9)]:
        x = Value(x0)
        y = (w*x + b).tanh()
        total = total + (y - t)**2
    w.grad = b.grad = 0.0
    total.backward()
    w.data -= 0.3*w.grad
    b.data -= 0.3*b.grad
