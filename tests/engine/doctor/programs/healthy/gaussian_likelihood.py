"""A mean and a logarithm of a deviation are fitted by maximum likelihood; the loss may be negative."""
from engine import Value, exp

mu, s = Value(0.0), Value(0.0)
data = [0.51, 0.49, 0.5, 0.52, 0.48]
for _ in range(40):
    nll = sum(s + 0.5 * ((d - mu) * exp(-s)) ** 2 for d in data) / len(data)
    mu.grad = s.grad = 0.0
    nll.backward()
    mu.data -= 0.05 * mu.grad
    s.data -= 0.05 * s.grad
