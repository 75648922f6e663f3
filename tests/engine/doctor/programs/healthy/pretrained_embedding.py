"""Embeddings that were loaded stay fixed."""
import random
from engine import Value
random.seed(3)
embedding = [[Value(v) for v in row] for row in ([0.11, 0.92], [0.81, 0.13], [0.52, 0.47])]  # pretrained
w, b = [Value(random.uniform(-1, 1)) for _ in range(2)], Value(0.0)
for e in range(20):
    loss = 0
    for i, y in [(0, 1.0), (1, 0.0), (2, 0.5)]:
        loss = loss + (sum(a*x for a, x in zip(w, embedding[i])) + b - y)**2
    for p in (*w, b): p.grad = 0
    loss.backward()
    for p in (*w, b): p.data -= 0.1*p.grad
