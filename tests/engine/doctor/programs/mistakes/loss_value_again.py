"""The loss itself is wrapped anew before backward()."""
# cause: unreached-parameter
import nn
from engine import Value

nn.manual_seed(3)
model = nn.MLP(2, [3, 1], activation="tanh")
opt = nn.SGD(model.parameters(), lr=0.1)
for step in range(10):
    loss = nn.mean_squared_error([model(x) for x in ([0.3, 0.1], [0.8, 0.5])], [0.2, 0.9])
    loss = Value(loss.data)
    opt.zero_grad()
    loss.backward()
    opt.step()
