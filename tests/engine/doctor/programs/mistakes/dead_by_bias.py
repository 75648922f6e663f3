"""Biases of -10 in a deep relu network."""
# cause: dead-relu
import nn

nn.manual_seed(3)
net = nn.MLP(2, [5, 5, 1], activation="relu")
for layer in net.layers[:2]:
    for n in layer.neurons:
        n.bias.data = -10.0
opt = nn.SGD(net.parameters(), lr=0.1)
for e in range(10):
    loss = nn.mean_squared_error([net(x) for x in ([0.5, 0.2], [0.1, 0.9], [0.8, 0.8])], [1.0, 0.0, 1.0])
    opt.zero_grad()
    loss.backward()
    opt.step()
