"""A tanh output is multiplied, so that it reaches the targets."""
import nn

nn.manual_seed(2)
net = nn.MLP(1, [4, 1], activation="tanh", output_activation="tanh")
opt = nn.SGD(net.parameters(), lr=0.02)
for _ in range(20):
    loss = nn.mean_squared_error([net([x]) * 6.0 for x in (0.0, 0.5, 1.0)], [0.0, 2.5, 5.0])
    opt.zero_grad()
    loss.backward()
    opt.step()
