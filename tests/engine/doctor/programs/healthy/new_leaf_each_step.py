"""The number is a new leaf at each step, as in functional code."""
from engine import Value

x = 3.0
for _ in range(20):
    v = Value(x)
    y = (v - 1) ** 2
    y.backward()
    x = x - 0.1 * v.grad
print(x)
