"""Three sigmoid layers learn slowly, but learn."""
import nn
nn.manual_seed(5)
net = nn.MLP(2, [4, 4, 1], activation="sigmoid")
opt = nn.SGD(net.parameters(), lr=0.5)
for _ in range(25):
    loss = nn.mean_squared_error([net(x) for x in ([0, 0], [0, 1], [1, 0], [1, 1])], [0, 0, 0, 1])
    opt.zero_grad(); loss.backward(); opt.step()
