"""The two gradients are swapped in the update."""
# cause: other-gradient
from engine import Value

m, n = Value(0.3), Value(-0.1)
for step in range(12):
    loss = sum((m * x + n - y) ** 2 for x, y in [(1.0, 2.0), (2.0, 3.0), (4.0, 7.0)]) / 3
    m.grad = n.grad = 0.0
    loss.backward()
    dm, dn = m.grad, n.grad
    m.data -= 0.02 * dn  # right: m.data -= 0.02 * dm
    n.data -= 0.02 * dm  # right: n.data -= 0.02 * dn
