"""A clip that keeps no gradient at all."""
# cause: gradients-lost
from engine import Value

w = [Value(0.5), Value(-0.3)]
limit = 0.0  # right: limit = 5.0
for _ in range(10):
    loss = sum((w[0] * x + w[1] - 2 * x) ** 2 for x in (1.0, 2.0)) / 2
    for p in w:
        p.grad = 0.0
    loss.backward()
    norm = sum(p.grad**2 for p in w) ** 0.5
    for p in w:
        if norm > limit:
            p.grad *= limit / norm
    for p in w:
        p.data -= 0.1 * p.grad
