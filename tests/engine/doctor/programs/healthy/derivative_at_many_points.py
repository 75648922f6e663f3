"""The slope of a function at many points."""
from engine import Value

slopes = []
for i in range(10):
    x = Value(i / 5)
    y = x**3 - 2 * x
    y.backward()
    slopes.append(x.grad)
print(slopes)
