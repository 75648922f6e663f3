"""The gradients are set back once an epoch, but the update comes after each sample."""
# cause: stale-gradients
from engine import Value

k = [Value(0.1), Value(0.2), Value(0.0)]
rows = [[1.0, 0.5, 2.0], [0.3, -1.0, -0.4], [-0.8, 0.9, 0.5], [0.6, 0.1, 1.1]]
for epoch in range(8):
    for p in k:
        p.grad = 0.0
    for a, b, t in rows:
        # missing: for p in k: p.grad = 0.0
        e = (k[0] * a + k[1] * b + k[2] - t) ** 2
        e.backward()
        for p in k:
            p.data -= 0.05 * p.grad
