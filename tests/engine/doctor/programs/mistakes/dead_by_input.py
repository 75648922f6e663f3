"""All inputs are negative, all weights positive: every relu is off."""
# cause: dead-relu
from engine import Value

w = [[Value(0.5), Value(0.8)], [Value(0.9), Value(0.3)], [Value(0.4), Value(0.6)]]
v = [Value(0.7), Value(-0.4), Value(0.2)]
params = [p for row in w for p in row] + v
data = [((-1.0, -2.0), 1.0), ((-0.5, -1.5), 0.5), ((-2.0, -0.3), 2.0)]
for _ in range(15):
    loss = 0
    for x, y in data:
        h = [(r[0] * x[0] + r[1] * x[1]).relu() for r in w]
        loss = loss + (sum(a * b for a, b in zip(v, h)) - y) ** 2
    for p in params:
        p.grad = 0.0
    loss.backward()
    for p in params:
        p.data -= 0.05 * p.grad
