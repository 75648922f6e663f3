"""The inputs are shuffled, the targets are not."""
# cause: shuffled-apart
import random

import nn

random.seed(0)
nn.manual_seed(0)
X = [[i / 10, (i % 3) / 3] for i in range(12)]
Y = [x[0] - x[1] for x in X]
model = nn.MLP(2, [4, 1], activation="tanh")
opt = nn.SGD(model.parameters(), lr=0.05)
for epoch in range(5):
    random.shuffle(X)  # right: pairs = list(zip(X, Y)); random.shuffle(pairs); X, Y = map(list, zip(*pairs))
    for x, y in zip(X, Y):
        loss = nn.mean_squared_error(model(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
