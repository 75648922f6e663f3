"""A small decoder is fed the right letters."""
import random
from engine import Value
import nn
random.seed(4)
E = [[Value(random.gauss(0, .5)) for _ in range(2)] for _ in range(3)]
H = [[Value(random.gauss(0, .5)) for _ in range(4)] for _ in range(2)]
O = [[Value(random.gauss(0, .5)) for _ in range(2)] for _ in range(3)]
params = [p for m in (E, H, O) for r in m for p in r]
seqs = [[0, 1, 2, 1], [1, 2, 0, 0]]
for e in range(10):
    loss, n = 0, 0
    for s in seqs:
        h = [0.0, 0.0]
        for cur, nxt in zip(s, s[1:]):
            z = E[cur] + h
            h = [sum(w*v for w, v in zip(row, z)).tanh() for row in H]
            loss = loss + nn.cross_entropy([sum(w*v for w, v in zip(row, h)) for row in O], nxt)
            n += 1
    loss = loss / n
    for p in params: p.grad = 0
    loss.backward()
    for p in params: p.data -= 0.5*p.grad
