"""optimiser.step() is missing."""
# cause: no-step
import nn

nn.manual_seed(3)
net = nn.MLP(2, [4, 1], activation="relu")
optim = nn.SGD(net.parameters(), lr=0.05)
xs = [[1.0, 2.0], [2.0, 1.0], [-1.0, 0.5]]
ts = [1.0, 0.0, 0.5]
for i in range(15):
    y_hat = [net(x) for x in xs]
    loss = nn.mean_squared_error(y_hat, ts)
    optim.zero_grad()
    loss.backward()
    # missing: optim.step()
    if i % 5 == 0:
        print(i, loss.data)
