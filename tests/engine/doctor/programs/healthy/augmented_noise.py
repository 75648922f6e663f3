"""Inputs with fresh noise at each step."""
import random

import nn

random.seed(2)
nn.manual_seed(2)
model = nn.MLP(2, [4, 1], activation="relu")
opt = nn.Adam(model.parameters(), lr=0.02)
for step in range(25):
    batch = [([a + random.gauss(0, 0.1), b + random.gauss(0, 0.1)], float(a != b)) for a in (0, 1) for b in (0, 1)]
    loss = nn.binary_cross_entropy_with_logits([model(x) for x, _ in batch], [y for _, y in batch])
    opt.zero_grad()
    loss.backward()
    opt.step()
