"""random.sample permutes the inputs alone."""
# cause: shuffled-apart
import random

import nn

random.seed(4)
nn.manual_seed(4)
X = [[i / 10, (i * 3 % 10) / 10] for i in range(10)]
Y = [a + b for a, b in X]
model = nn.MLP(2, [3, 1], activation="tanh")
opt = nn.SGD(model.parameters(), lr=0.1)
for epoch in range(6):
    order = random.sample(X, len(X))
    for x, y in zip(order, Y):
        loss = (model(x) - y) ** 2
        opt.zero_grad()
        loss.backward()
        opt.step()
