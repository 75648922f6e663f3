"""A bigram model of letters, with softmax by hand."""
import random

from engine import Value, exp, log

random.seed(9)
words = ["emma", "ava", "mia", "eve"]
letters = sorted({c for w in words for c in w})
place = {c: i for i, c in enumerate(letters)}
W = [[Value(random.gauss(0, 1)) for _ in letters] for _ in letters]
pairs = [(place[a], place[b]) for w in words for a, b in zip(w, w[1:])]
for step in range(15):
    loss = 0
    for a, b in pairs:
        es = [exp(v) for v in W[a]]
        loss = loss - log(es[b] / sum(es))
    loss = loss / len(pairs)
    for row in W:
        for p in row:
            p.grad = 0.0
    loss.backward()
    for row in W:
        for p in row:
            p.data -= 5.0 * p.grad
