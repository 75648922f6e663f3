"""The learning rate rises first and falls then."""
import math

import nn

nn.manual_seed(10)
model = nn.MLP(1, [6, 1], activation="gelu")
opt = nn.AdamW(model.parameters(), lr=0.0)
xs = [i / 5 - 1 for i in range(11)]
for step in range(30):
    opt.lr = 0.05 * min(1.0, step / 5) * 0.5 * (1 + math.cos(math.pi * step / 30))
    loss = nn.mean_squared_error([model([x]) for x in xs], [math.sin(2 * x) for x in xs])
    opt.zero_grad()
    loss.backward()
    opt.step()
