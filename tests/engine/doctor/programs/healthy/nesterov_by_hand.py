"""Nesterov's momentum: the gradient is taken a little ahead."""
from engine import Value

w = Value(4.0)
velocity = 0.0
for _ in range(25):
    w.data += 0.8 * velocity
    loss = (w - 1.0) ** 2
    w.grad = 0.0
    loss.backward()
    step = 0.05 * w.grad
    velocity = 0.8 * velocity - step
    w.data -= step
