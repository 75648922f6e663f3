"""A recurrent state goes on from step to step as a plain number."""
import random

from engine import Value

random.seed(5)
u, w, v = (Value(random.uniform(-0.8, 0.8)) for _ in range(3))
state = 0.0
stream = [0.1 * (i % 7) for i in range(24)]
for x, following in zip(stream, stream[1:]):
    h = (u * x + w * state).tanh()
    loss = (v * h - following) ** 2
    for p in (u, w, v):
        p.grad = 0.0
    loss.backward()
    for p in (u, w, v):
        p.data -= 0.1 * p.grad
    state = h.data
