"""A relu network, some of whose units may be off."""
import nn

nn.manual_seed(0)
model = nn.MLP(2, [8, 1], activation="relu")
opt = nn.SGD(model.parameters(), lr=0.1)
X = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0], [0.5, 0.5]]
for epoch in range(30):
    loss = nn.mean_squared_error([model(x) for x in X], [0.0, 1.0, 1.0, 0.0, 0.5])
    opt.zero_grad()
    loss.backward()
    opt.step()
