"""The targets are compared with themselves."""
# cause: unreached-parameter
import nn
from engine import Value

nn.manual_seed(0)
model = nn.MLP(2, [3, 1], activation="tanh")
opt = nn.SGD(model.parameters(), lr=0.1)
X, Y = [[0.1, 0.4], [0.6, 0.2]], [Value(1.0), Value(0.0)]
for epoch in range(10):
    outputs = [model(x) for x in X]
    loss = nn.mean_squared_error(Y, [0.5, 0.5])
    opt.zero_grad()
    loss.backward()
    opt.step()
