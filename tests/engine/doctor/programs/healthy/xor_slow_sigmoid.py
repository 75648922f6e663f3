"""XOR with sigmoids and a small rate: the loss hardly moves at first."""
import nn
nn.manual_seed(10)
net = nn.MLP(2, [3, 1], activation="sigmoid", output_activation="sigmoid")
opt = nn.SGD(net.parameters(), lr=0.5)
losses = []
for _ in range(40):
    loss = nn.mean_squared_error([net(x) for x in ([0, 0], [0, 1], [1, 0], [1, 1])], [0, 1, 1, 0])
    opt.zero_grad(); loss.backward(); opt.step()
    losses.append(loss.data)
