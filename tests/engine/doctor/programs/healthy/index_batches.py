"""Batches by a shuffled list of places."""
import random

from engine import Value

random.seed(2)
X = [[random.uniform(-1, 1), random.uniform(-1, 1)] for _ in range(20)]
Y = [0.5 * x[0] - x[1] + 0.2 for x in X]
w, b = [Value(0.0), Value(0.0)], Value(0.0)
order = list(range(len(X)))
for epoch in range(5):
    random.shuffle(order)
    for start in range(0, len(order), 5):
        rows = order[start : start + 5]
        loss = sum((w[0] * X[i][0] + w[1] * X[i][1] + b - Y[i]) ** 2 for i in rows) / len(rows)
        for p in (*w, b):
            p.grad = 0.0
        loss.backward()
        for p in (*w, b):
            p.data -= 0.1 * p.grad
