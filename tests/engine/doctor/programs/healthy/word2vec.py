"""Word vectors with negative samples."""
import random

from engine import Value, log

random.seed(4)
N = 5
inside = [[Value(random.uniform(-0.5, 0.5)) for _ in range(3)] for _ in range(N)]
outside = [[Value(random.uniform(-0.5, 0.5)) for _ in range(3)] for _ in range(N)]
corpus = [0, 1, 2, 3, 4, 2, 1, 0]
for epoch in range(3):
    for a, b in zip(corpus, corpus[1:]):
        c = random.randrange(N)
        up = sum(x * y for x, y in zip(inside[a], outside[b])).sigmoid()
        down = sum(x * y for x, y in zip(inside[a], outside[c])).sigmoid()
        loss = -log(up) - log(1 - down)
        used = inside[a] + outside[b] + outside[c]
        for p in used:
            p.grad = 0.0
        loss.backward()
        for p in dict.fromkeys(used):
            p.data -= 0.1 * p.grad
