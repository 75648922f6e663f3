"""A bandit: the logarithms' signs change with the rewards."""
import random

import nn
from engine import Value, log

random.seed(1)
scores = [Value(0.0), Value(0.0), Value(0.0)]
for _ in range(30):
    probabilities = nn.softmax(scores)
    arm = random.choices(range(3), [p.data for p in probabilities])[0]
    reward = [1.0, -0.5, 0.2][arm] + random.gauss(0, 0.1)
    loss = -log(probabilities[arm]) * reward
    for s in scores:
        s.grad = 0.0
    loss.backward()
    for s in scores:
        s.data -= 0.2 * s.grad
