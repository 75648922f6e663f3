"""Targets in the thousands, and a usual learning rate for large inputs."""
# cause: inputs-not-scaled
import nn

nn.manual_seed(1)
areas = [[50.0], [80.0], [120.0], [200.0]]
prices = [150.0, 240.0, 360.0, 600.0]
line = nn.Neuron(1)
opt = nn.SGD(line.parameters(), lr=0.01)
for step in range(10):
    loss = nn.mean_squared_error([line(a) for a in areas], prices)
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(loss.data)
