"""The hidden values are turned into a list of floats for printing, and used."""
# cause: unreached-parameter
import random
from engine import Value

random.seed(6)
W1 = [[Value(random.uniform(-1, 1)) for _ in range(2)] for _ in range(3)]
W2 = [Value(random.uniform(-1, 1)) for _ in range(3)]
params = [p for r in W1 for p in r] + W2
for ep in range(15):
    loss = 0
    for x, y in [((0.2, 0.7), 0.5), ((0.9, 0.1), -0.5), ((0.4, 0.4), 0.1)]:
        hidden = [float((r[0]*x[0] + r[1]*x[1]).tanh()) for r in W1]
        loss = loss + (sum(w*h for w, h in zip(W2, hidden)) - y)**2
    for p in params: p.grad = 0.0
    loss.backward()
    for p in params: p.data -= 0.1*p.grad
