"""Weights initialised with 0.1 for all."""
# cause: symmetric-units
import nn
model = nn.MLP(2, [3, 3, 1], activation="tanh")
for p in model.parameters():
    p.data = 0.1
opt = nn.Adam(model.parameters(), lr=0.02)
for e in range(20):
    loss = nn.mean_squared_error([model(x) for x in ([0, 0], [0, 1], [1, 0], [1, 1])], [0, 1, 1, 0])
    opt.zero_grad(); loss.backward(); opt.step()
