"""Raw years and money go into a tanh network."""
# cause: inputs-not-scaled
import nn
nn.manual_seed(3)
rows = [[1999, 32000], [2004, 41000], [2010, 52000], [2015, 61000], [2021, 70000]]
happy = [0.2, 0.4, 0.5, 0.7, 0.9]
net = nn.MLP(2, [4, 1], activation="tanh")
opt = nn.SGD(net.parameters(), lr=0.01)
for e in range(15):
    loss = nn.mean_squared_error([net(r) for r in rows], happy)
    opt.zero_grad(); loss.backward(); opt.step()
