"""Gradients of 50 samples are added up by separate backward passes, without dividing."""
# cause: sum-not-mean
import random
from engine import Value
random.seed(1)
pts = [(random.uniform(-1, 1),) for _ in range(50)]
w, b = Value(0.0), Value(0.0)
for e in range(10):
    w.grad = b.grad = 0.0
    for (x,) in pts:
        loss = (w*x + b - (2*x + 1))**2
        loss.backward()
    for p in (w, b):
        p.data -= 0.1 * p.grad
