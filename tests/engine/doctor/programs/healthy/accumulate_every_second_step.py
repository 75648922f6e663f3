"""An update after every second batch; the gradients are set back after the update."""
from engine import Value

w, b = Value(0.1), Value(0.0)
stream = [(0.1 * i, 0.3 * i + 1.0) for i in range(20)]
for i, (x, y) in enumerate(stream):
    loss = (w * x + b - y) ** 2
    loss.backward()
    if (i + 1) % 2 == 0:
        for p in (w, b):
            p.data -= 0.05 * p.grad / 2
            p.grad = 0.0
