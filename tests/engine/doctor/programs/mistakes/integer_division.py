"""Integer division."""
# cause: constant-inputs
import nn
nn.manual_seed(3)
pixels = [[12, 240], [200, 30], [15, 220], [180, 60], [40, 250], [230, 10]]
labels = [0, 1, 0, 1, 0, 1]
X = [[p // 255 for p in row] for row in pixels]  # right: X = [[p / 255 for p in row] for row in pixels]
net = nn.MLP(2, [4, 2], activation="tanh")
opt = nn.SGD(net.parameters(), lr=0.2)
for epoch in range(40):
    loss = nn.cross_entropy([net(x) for x in X], labels)
    opt.zero_grad(); loss.backward(); opt.step()
    print(loss.data)
