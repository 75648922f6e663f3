"""A table of vectors; each step uses a part of it."""
import random

from engine import Value, log

random.seed(3)
table = {word: [Value(random.uniform(-1, 1)) for _ in range(2)] for word in "abcd"}
pairs = [("a", "b", 1), ("a", "c", 0), ("b", "d", 1), ("c", "d", 0)]
params = [p for row in table.values() for p in row]
for epoch in range(10):
    random.shuffle(pairs)
    for first, second, near in pairs:
        p = sum(u * v for u, v in zip(table[first], table[second])).sigmoid()
        loss = -log(p) if near else -log(1 - p)
        for q in params:
            q.grad = 0.0
        loss.backward()
        for q in params:
            q.data -= 0.2 * q.grad
