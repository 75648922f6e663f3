"""A mild weight decay by hand."""
import nn

nn.manual_seed(4)
net = nn.MLP(2, [4, 1], activation="tanh")
for _ in range(25):
    loss = nn.mean_squared_error([net(x) for x in ([0, 0], [0, 1], [1, 0], [1, 1])], [0, 1, 1, 1])
    net.zero_grad()
    loss.backward()
    for p in net.parameters():
        p.data = p.data * (1 - 0.001) - 0.2 * p.grad
