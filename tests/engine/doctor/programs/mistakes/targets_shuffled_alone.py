"""The targets alone are shuffled, once."""
# cause: shuffled-apart
import random

from engine import Value

random.seed(5)
inputs = [[i / 8, (i * i % 5) / 5] for i in range(10)]
outputs = [2 * a - b for a, b in inputs]
random.shuffle(outputs)  # right:
w, b = [Value(0.1), Value(0.1)], Value(0.0)
for epoch in range(15):
    loss = sum((w[0] * x[0] + w[1] * x[1] + b - y) ** 2 for x, y in zip(inputs, outputs)) / len(outputs)
    for p in (*w, b):
        p.grad = 0.0
    loss.backward()
    for p in (*w, b):
        p.data -= 0.1 * p.grad
