"""A running mean of the losses is kept as a number."""
import nn
nn.manual_seed(6)
net = nn.MLP(1, [3, 1], activation="tanh")
opt = nn.SGD(net.parameters(), lr=0.1)
running = 0.0
for step in range(30):
    loss = nn.mean_squared_error([net([x]) for x in (-1.0, -0.3, 0.4, 1.0)], [1.0, 0.1, 0.2, 1.0])
    running = 0.9 * running + 0.1 * float(loss)
    opt.zero_grad(); loss.backward(); opt.step()
print(running)
