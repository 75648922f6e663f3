"""Momentum by hand."""
import nn

nn.manual_seed(2)
model = nn.MLP(1, [4, 1], activation="tanh")
velocity = {p: 0.0 for p in model.parameters()}
xs = [i / 4 - 1 for i in range(9)]
for step in range(30):
    loss = nn.mean_squared_error([model([x]) for x in xs], [x * x for x in xs])
    model.zero_grad()
    loss.backward()
    for p in model.parameters():
        velocity[p] = 0.9 * velocity[p] - 0.02 * p.grad
        p.data += velocity[p]
