"""Adam by hand."""
from engine import Value

params = [Value(3.0, "x"), Value(-2.0, "y")]
m, v = [0.0, 0.0], [0.0, 0.0]
for t in range(1, 31):
    x, y = params
    loss = (1 - x) ** 2 + 2 * (y - x * x) ** 2
    for p in params:
        p.grad = 0.0
    loss.backward()
    for i, p in enumerate(params):
        m[i] = 0.9 * m[i] + 0.1 * p.grad
        v[i] = 0.99 * v[i] + 0.01 * p.grad**2
        p.data -= 0.1 * (m[i] / (1 - 0.9**t)) / ((v[i] / (1 - 0.99**t)) ** 0.5 + 1e-8)
