"""outputs = ... stands above the loop over the epochs."""
# cause: fixed-graph
import nn

nn.manual_seed(2)
xor = nn.data.xor()
net = nn.MLP(2, [4, 1], activation="tanh")
opt = nn.Adam(net.parameters(), lr=0.05)
outputs = [net(x) for x in xor.inputs]
for epoch in range(20):
    loss = nn.mean_squared_error(outputs, xor.targets)
    opt.zero_grad()
    loss.backward()
    opt.step()
