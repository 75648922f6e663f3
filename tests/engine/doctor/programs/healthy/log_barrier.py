"""A barrier keeps the variable positive."""
from engine import Value, log

x = Value(2.0)
for _ in range(25):
    loss = (x - 0.1) ** 2 - 0.01 * log(x)
    x.grad = 0.0
    loss.backward()
    x.data -= 0.05 * x.grad
