"""Initial weights of a standard deviation of 30 saturate the sigmoids."""
# cause: saturated
import random

from engine import Value

g = random.Random(3)
A = [[Value(g.gauss(0, 30)) for _ in range(2)] for _ in range(4)]  # right: A = [[Value(g.gauss(0, 0.7)) for _ in range(2)] for _ in range(4)]
o = [Value(g.gauss(0, 0.5)) for _ in range(4)]
ps = [p for row in A for p in row] + o
pairs = [((0.9, 0.8), 1.0), ((-0.7, 0.9), 0.0), ((0.8, -0.9), 0.0), ((-0.6, -0.8), 1.0)]
for _ in range(20):
    loss = sum((sum(c * sum(w * x for w, x in zip(r, xs)).sigmoid() for c, r in zip(o, A)) - y) ** 2 for xs, y in pairs)
    for p in ps:
        p.grad = 0.0
    loss.backward()
    for p in ps:
        p.data -= 0.05 * p.grad
