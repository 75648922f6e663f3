"""The top of a parabola is found by going up."""
from engine import Value

x = Value(4.0)
for _ in range(20):
    f = 3 - (x - 1) ** 2
    x.grad = 0.0
    f.backward()
    x.data += 0.2 * x.grad
