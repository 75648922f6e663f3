"""Rprop: only the signs of the gradients count."""
from engine import Value

ps = [Value(3.0), Value(-2.0)]
steps, last = [0.1, 0.1], [0.0, 0.0]
for _ in range(30):
    a, b = ps
    loss = (a - 1) ** 2 + 3 * (b + a) ** 2
    for p in ps:
        p.grad = 0.0
    loss.backward()
    for i, p in enumerate(ps):
        steps[i] *= 1.2 if p.grad * last[i] > 0 else 0.5 if p.grad * last[i] < 0 else 1.0
        p.data -= steps[i] * ((p.grad > 0) - (p.grad < 0))
        last[i] = p.grad
