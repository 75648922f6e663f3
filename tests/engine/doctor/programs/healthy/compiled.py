"""A compiled step."""
import nn
from engine import compiled

nn.manual_seed(3)
model = nn.MLP(2, [3, 1], activation="tanh")
opt = nn.SGD(model.parameters(), lr=0.2)


@compiled
def step(model, x, y):
    return (model(x) - y) ** 2


for epoch in range(10):
    for x, y in [([0.0, 0.0], 0.0), ([0.0, 1.0], 1.0), ([1.0, 0.0], 1.0)]:
        opt.zero_grad()
        step(model, x, y)
        opt.step()
