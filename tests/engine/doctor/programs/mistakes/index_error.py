"""Labels 1, 2, 3 pick from three probabilities by hand."""
# cause: labels-from-one
import random

import nn
from engine import Value, log

random.seed(0)
W = [[Value(random.uniform(-1, 1)) for _ in range(2)] for _ in range(3)]
data = [([0.1, 0.2], 1), ([0.5, 0.1], 2), ([0.9, 0.8], 3)]
for epoch in range(5):
    loss = 0
    for x, label in data:
        scores = [sum(w * xi for w, xi in zip(row, x)) for row in W]
        loss = loss - log(nn.softmax(scores)[label])
    loss.backward()
