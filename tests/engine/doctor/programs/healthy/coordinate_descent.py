"""One coordinate at a time."""
from engine import Value

v = [Value(2.0), Value(-1.0), Value(0.5)]
for turn in range(18):
    loss = (v[0] - 1) ** 2 + (v[1] + v[0]) ** 2 + (v[2] * v[1] - 1) ** 2
    for p in v:
        p.grad = 0.0
    loss.backward()
    p = v[turn % 3]
    p.data -= 0.2 * p.grad
