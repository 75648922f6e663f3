"""A learning rate that jumps up again."""
import math, nn
nn.manual_seed(1)
net = nn.MLP(1, [4, 1], activation="tanh")
opt = nn.SGD(net.parameters(), lr=0.1)
for step in range(40):
    opt.lr = 0.2 * (1 + math.cos(math.pi * (step % 10) / 10)) / 2
    loss = nn.mean_squared_error([net([x / 5]) for x in range(-5, 6)], [abs(x / 5) for x in range(-5, 6)])
    opt.zero_grad(); loss.backward(); opt.step()
