"""The recurrent state goes on into the next step with its graph."""
# cause: fixed-graph
from engine import Value

u, w, v = Value(0.4), Value(0.3), Value(0.6)
h = Value(0.0)
for x, y in [(0.1, 0.2), (0.2, 0.3), (0.3, 0.4), (0.4, 0.5), (0.5, 0.6), (0.6, 0.7)] * 2:
    h = (u * x + w * h).tanh()
    loss = (v * h - y) ** 2
    for p in (u, w, v):
        p.grad = 0.0
    loss.backward()
    for p in (u, w, v):
        p.data -= 0.1 * p.grad
