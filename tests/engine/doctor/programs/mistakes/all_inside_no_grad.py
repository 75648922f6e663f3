"""The whole loss is computed inside no_grad()."""
# cause: unreached-parameter
import nn
from engine import no_grad

nn.manual_seed(3)
model = nn.MLP(2, [3, 1], activation="tanh")
opt = nn.SGD(model.parameters(), lr=0.1)
for _ in range(5):
    with no_grad():
        loss = nn.mean_squared_error([model(x) for x in ([0.3, 0.1], [0.8, 0.5])], [0.2, 0.9])
    opt.zero_grad()
    loss.backward()
    opt.step()
