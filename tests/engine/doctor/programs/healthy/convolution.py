"""A filter slides along a signal: the same three weights everywhere."""
import random

from engine import Value

random.seed(8)
kernel = [Value(random.uniform(-1, 1)) for _ in range(3)]
signals = [[random.gauss(0, 1) for _ in range(8)] for _ in range(3)]
for epoch in range(15):
    loss = 0
    for s in signals:
        for i in range(6):
            out = sum(k * v for k, v in zip(kernel, s[i : i + 3]))
            loss = loss + (out - (s[i] - s[i + 2]) / 2) ** 2
    loss = loss / 18
    for p in kernel:
        p.grad = 0.0
    loss.backward()
    for p in kernel:
        p.data -= 0.2 * p.grad
