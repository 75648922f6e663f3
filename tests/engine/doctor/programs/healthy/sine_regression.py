"""A sine, one hidden layer, full batch, Adam."""
import math

import nn

nn.manual_seed(4)
xs = [[i / 5 - 2] for i in range(21)]
ys = [math.sin(2 * x[0]) for x in xs]
model = nn.MLP(1, [10, 1], activation="tanh")
opt = nn.Adam(model.parameters(), lr=0.03)
for epoch in range(20):
    loss = nn.mean_squared_error([model(x) for x in xs], ys)
    opt.zero_grad()
    loss.backward()
    opt.step()
