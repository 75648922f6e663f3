"""A relative of targets_not_scaled.py."""
import nn
nn.manual_seed(2)
rooms = [[1.0], [1.5], [2.0], [2.5], [3.0], [3.5], [4.0]]
prices = [120000.0, 155000.0, 190000.0, 260000.0, 300000.0, 330000.0, 410000.0]
mean = sum(prices) / 7
prices = [(p - mean) / 100000 for p in prices]
net = nn.MLP(1, [5, 1], activation="relu")
opt = nn.SGD(net.parameters(), lr=0.05)
for epoch in range(30):
    loss = nn.mse_loss([net(r) for r in rooms], prices)
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(epoch, loss.data)
