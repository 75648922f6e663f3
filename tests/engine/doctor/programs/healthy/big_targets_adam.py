"""Targets in the hundreds, Adam with a large rate."""
import nn
nn.manual_seed(3)
net = nn.Neuron(1)
opt = nn.Adam(net.parameters(), lr=5.0)
for _ in range(60):
    loss = nn.mean_squared_error([net([x]) for x in (0.0, 0.5, 1.0)], [100.0, 200.0, 300.0])
    opt.zero_grad(); loss.backward(); opt.step()
