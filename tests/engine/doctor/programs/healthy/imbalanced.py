"""Many zeros, few ones, in random order."""
import random

import nn

random.seed(5)
nn.manual_seed(5)
data = [([random.gauss(0, 1)], 0) for _ in range(36)] + [([random.gauss(3, 0.5)], 1) for _ in range(4)]
random.shuffle(data)
model = nn.Neuron(1)
opt = nn.SGD(model.parameters(), lr=0.2)
for epoch in range(2):
    for x, y in data:
        loss = nn.binary_cross_entropy_with_logits(model(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
