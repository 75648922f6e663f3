"""A closure computes loss and gradients; an update follows when it helps."""
from engine import Value

w = [Value(0.0), Value(0.0)]
rows = [(1.0, 2.0, 3.0), (2.0, -1.0, 0.5), (0.5, 0.5, 1.0)]


def closure():
    for p in w:
        p.grad = 0.0
    loss = sum((w[0] * a + w[1] * b - c) ** 2 for a, b, c in rows) / 3
    loss.backward()
    return loss.data


last = closure()
rate = 0.1
for _ in range(10):
    before = [p.data for p in w]
    for p in w:
        p.data -= rate * p.grad
    now = closure()
    if now > last:
        for p, old in zip(w, before):
            p.data = old
        rate /= 2
        closure()
    else:
        last = now
