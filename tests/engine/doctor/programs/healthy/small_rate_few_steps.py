"""A cautious learning rate: slow, but the loss falls."""
import nn

nn.manual_seed(2)
net = nn.MLP(1, [5, 1], activation="tanh")
opt = nn.SGD(net.parameters(), lr=0.002)
for _ in range(20):
    loss = nn.mean_squared_error([net([x]) for x in (-1.0, -0.5, 0.0, 0.5, 1.0)], [1.0, 0.3, 0.0, 0.2, 1.0])
    opt.zero_grad()
    loss.backward()
    opt.step()
