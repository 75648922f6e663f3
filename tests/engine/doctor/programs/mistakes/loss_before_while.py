"""A while loop around backward and update of a loss computed before it."""
# cause: fixed-graph
from engine import Value, tanh

u, v = Value(0.3), Value(-0.6)
loss = (tanh(u * 0.5 + v) - 0.8) ** 2
n = 0
while n < 25:
    # missing: loss = (tanh(u * 0.5 + v) - 0.8) ** 2
    loss.zero_grad()
    loss.backward()
    u.data -= 0.2 * u.grad
    v.data -= 0.2 * v.grad
    n += 1
