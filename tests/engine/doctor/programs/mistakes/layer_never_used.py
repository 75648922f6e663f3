"""forward() uses the first layer twice, and the second never."""
# cause: unreached-parameter
import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__("net")
        self.one = nn.Layer(3, 3, "tanh", "one")
        self.two = nn.Layer(3, 3, "tanh", "two")
        self.out = nn.Neuron(3)

    def forward(self, x):
        return self.out(self.one(self.one(x)))


nn.manual_seed(2)
net = Net()
opt = nn.SGD(net.parameters(), lr=0.1)
for _ in range(15):
    loss = nn.mean_squared_error([net(x) for x in ([0.1, 0.2, 0.3], [0.5, 0.9, 0.1])], [0.3, 0.8])
    opt.zero_grad()
    loss.backward()
    opt.step()
