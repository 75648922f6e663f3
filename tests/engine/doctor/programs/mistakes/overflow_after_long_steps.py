"""Steps far too long end in a number that is too large."""
# cause: rate-too-large
from engine import Value, exp

w = Value(0.1)
for _ in range(6):
    loss = (exp(w * 2.0) - 3.0) ** 2
    w.grad = 0.0
    loss.backward()
    w.data -= 50.0 * w.grad  # right: w.data -= 0.02 * w.grad
