"""The gradient is taken a little uphill, at each step."""
from engine import Value

w = [Value(1.5), Value(-0.5)]


def loss_of():
    return (w[0] - 1) ** 2 + 2 * (w[1] + w[0]) ** 2


for _ in range(20):
    for p in w:
        p.grad = 0.0
    loss_of().backward()
    lifts = [0.05 * p.grad for p in w]
    for p, lift in zip(w, lifts):
        p.data += lift
        p.grad = 0.0
    loss = loss_of()
    loss.backward()
    for p, lift in zip(w, lifts):
        p.data -= lift
        p.data -= 0.05 * p.grad
