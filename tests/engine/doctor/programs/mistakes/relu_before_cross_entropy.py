"""Relu before cross entropy."""
# cause: scale-mismatch
import nn
nn.manual_seed(17)
iris = nn.data.iris()
xs, ys = iris.inputs[::8], iris.targets[::8]
net = nn.MLP(4, [6, 3], activation="tanh", output_activation="relu")  # right: net = nn.MLP(4, [6, 3], activation="tanh")
opt = nn.SGD(net.parameters(), lr=0.1)
for e in range(40):
    loss = nn.cross_entropy([net(x) for x in xs], ys)
    opt.zero_grad(); loss.backward(); opt.step()
print(loss.data)
