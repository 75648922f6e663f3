"""A huge first step switches all relus off for good."""
# cause: rate-too-large
import nn

nn.manual_seed(6)
model = nn.MLP(2, [4, 1], activation="relu")
opt = nn.SGD(model.parameters(), lr=200.0)
X = [[0.2, 0.9], [0.9, 0.3], [0.5, 0.5], [0.8, 0.8]]
for _ in range(15):
    loss = nn.mean_squared_error([model(x) for x in X], [1.0, 2.0, 1.5, 2.5])
    opt.zero_grad()
    loss.backward()
    opt.step()
