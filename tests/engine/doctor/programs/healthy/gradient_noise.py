"""Noise on the gradients."""
import random

import nn

random.seed(9)
nn.manual_seed(9)
model = nn.MLP(1, [4, 1], activation="tanh")
opt = nn.SGD(model.parameters(), lr=0.1)
for _ in range(20):
    loss = nn.mean_squared_error([model([x / 4]) for x in range(5)], [x / 4 for x in range(5)])
    opt.zero_grad()
    loss.backward()
    for p in model.parameters():
        p.grad += random.gauss(0, 0.01)
    opt.step()
