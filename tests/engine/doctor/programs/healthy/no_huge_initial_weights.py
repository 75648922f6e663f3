"""A relative of huge_initial_weights.py."""
import random
from engine import Value
random.seed(19)
def layer(i, o): return [[Value(random.gauss(0, SCALE)) for _ in range(i)] for _ in range(o)]
SCALE = 0.3
net = [layer(2, 6), layer(6, 6), layer(6, 6), layer(6, 1)]
def forward(x):
    for k, rows in enumerate(net):
        x = [sum(w * v for w, v in zip(row, x)) for row in rows]
        if k < 3: x = [v.relu() for v in x]
    return x[0]
params = [w for rows in net for row in rows for w in row]
data = [((a / 3, b / 3), (a - b) / 3) for a in (-2, 1, 2) for b in (-1, 1, 3)]
for epoch in range(10):
    loss = sum((forward(x) - y) ** 2 for x, y in data) / len(data)
    for p in params: p.grad = 0.0
    loss.backward()
    for p in params: p.data -= 0.01 * p.grad
    print(epoch, loss.data)
