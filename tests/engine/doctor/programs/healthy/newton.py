"""Newton's method with second derivatives."""
from engine import Value

x = Value(3.0)
for _ in range(6):
    y = x**4 - 3 * x**2 + x
    y.backward()
    slope = x.grad
    curvature = 12 * x.data**2 - 6
    x.grad = 0.0
    x.data -= slope / curvature
