"""Values are learned from remembered transitions, in random order; the targets move."""
import random

from engine import Value

random.seed(0)
w, b = Value(0.0), Value(0.0)
buffer = [(0.0, 0.0, 0.5), (0.5, 0.0, 1.0), (1.0, 1.0, 0.0)]
for episode in range(10):
    random.shuffle(buffer)
    for s, r, s2 in buffer:
        goal = r + 0.9 * (w.data * s2 + b.data) * (r == 0)
        loss = (w * s + b - goal) ** 2
        w.grad = b.grad = 0.0
        loss.backward()
        w.data -= 0.1 * w.grad
        b.data -= 0.1 * b.grad
