"""One sample a step, shuffled."""
import random

import nn

random.seed(0)
nn.manual_seed(1)
iris = nn.data.iris()
model = nn.MLP(4, [6, 3], activation="tanh")
opt = nn.SGD(model.parameters(), lr=0.05)
data = list(zip(iris.inputs, iris.targets))
losses = []
for epoch in range(2):
    random.shuffle(data)
    for x, y in data:
        loss = nn.cross_entropy([model(x)], [y])
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.data)
