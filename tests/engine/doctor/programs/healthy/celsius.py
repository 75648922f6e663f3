"""Celsius to Fahrenheit: inputs up to 40, a small learning rate."""
from engine import Value

w, b = Value(0.0), Value(0.0)
data = [(-10.0, 14.0), (0.0, 32.0), (15.0, 59.0), (40.0, 104.0)]
for epoch in range(60):
    loss = sum((w * c + b - f) ** 2 for c, f in data) / len(data)
    w.grad = b.grad = 0.0
    loss.backward()
    w.data -= 0.001 * w.grad
    b.data -= 0.001 * b.grad
