"""Three layers without activations for two moons."""
# cause: linear-network
import nn
nn.manual_seed(1)
X = [[-1, -1], [-1, 1], [1, -1], [1, 1], [-0.5, -0.5], [0.5, -0.5], [-0.5, 0.5], [0.5, 0.5]]
Y = [a * b for a, b in X]
net = nn.MLP(2, [4, 4, 1], activation=None)
opt = nn.Adam(net.parameters(), lr=0.02)
for e in range(25):
    loss = nn.mean_squared_error([net(x) for x in X], Y)
    opt.zero_grad(); loss.backward(); opt.step()
