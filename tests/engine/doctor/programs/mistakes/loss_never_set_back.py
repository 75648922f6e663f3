"""The sum of the losses goes on over all epochs."""
# cause: growing-loss
from engine import Value

a = Value(1.0)
total = Value(0.0)
samples = [(1.0, 2.0), (2.0, 4.5)]
for epoch in range(10):
    # missing: total = Value(0.0)
    for x, y in samples:
        total = total + (a * x - y) ** 2
    a.grad = 0.0
    total.backward()
    a.data -= 0.02 * a.grad
