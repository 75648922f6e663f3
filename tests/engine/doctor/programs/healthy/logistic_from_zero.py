"""Logistic regression may start from zero weights."""
from engine import Value, log

w, b = [Value(0.0), Value(0.0)], Value(0.0)
data = [([0.5, 1.2], 1), ([1.0, 0.7], 1), ([-0.4, -0.9], 0), ([-1.2, 0.1], 0)]
for _ in range(25):
    loss = 0
    for x, y in data:
        p = (w[0] * x[0] + w[1] * x[1] + b).sigmoid()
        loss = loss - (log(p) if y else log(1 - p))
    loss = loss * (1 / len(data))
    for q in (*w, b):
        q.grad = 0.0
    loss.backward()
    for q in (*w, b):
        q.data -= 0.5 * q.grad
