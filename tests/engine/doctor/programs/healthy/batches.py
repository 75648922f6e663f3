"""Shuffled batches of eight."""
import random

import nn

random.seed(3)
nn.manual_seed(3)
moons = nn.data.moons(32, noise=0.1)
pairs = list(zip(moons.inputs, moons.targets))
model = nn.MLP(2, [5, 1], activation="tanh")
opt = nn.SGD(model.parameters(), lr=0.3)
for epoch in range(6):
    random.shuffle(pairs)
    for i in range(0, len(pairs), 8):
        batch = pairs[i : i + 8]
        loss = sum((model(x).sigmoid() - y) ** 2 for x, y in batch) / len(batch)
        opt.zero_grad()
        loss.backward()
        opt.step()
