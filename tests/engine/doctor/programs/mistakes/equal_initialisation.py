"""All weights start at the same number."""
# cause: symmetric-units
import nn

nn.manual_seed(0)
model = nn.MLP(2, [4, 1], activation="sigmoid")
for p in model.parameters():
    p.data = 0.5  # right: p.data *= 1.0
opt = nn.SGD(model.parameters(), lr=0.3)
for epoch in range(25):
    loss = nn.mean_squared_error([model(x) for x in ([0, 0], [0, 1], [1, 0], [1, 1])], [0, 1, 1, 1])
    opt.zero_grad()
    loss.backward()
    opt.step()
