"""math.exp instead of the engine's exp."""
# cause: unreached-parameter
import math

from engine import Value

a = Value(0.5)
for _ in range(5):
    loss = (Value(math.exp(a)) - 2.0) ** 2
    a.grad = 0.0
    loss.backward()
    a.data -= 0.1 * a.grad
