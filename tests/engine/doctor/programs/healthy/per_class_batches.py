"""Each batch holds samples of both classes, in order."""
import random

import nn

rng = random.Random(4)
nn.manual_seed(4)
data = [([rng.gauss(2 * c - 1, 0.5), rng.gauss(0, 0.5)], c) for _ in range(20) for c in (0, 1)]
model = nn.MLP(2, [1])
opt = nn.SGD(model.parameters(), lr=0.5)
for epoch in range(3):
    for i in range(0, 40, 4):
        xs, ys = zip(*data[i : i + 4])
        loss = nn.binary_cross_entropy_with_logits([model(x) for x in xs], ys)
        opt.zero_grad()
        loss.backward()
        opt.step()
