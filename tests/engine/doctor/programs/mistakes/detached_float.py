"""The predictions are wrapped anew, so that the graph is cut."""
# cause: unreached-parameter
import nn
from engine import Value

nn.manual_seed(1)
model = nn.MLP(2, [4, 1], activation="tanh")
opt = nn.SGD(model.parameters(), lr=0.1)
X = [[0, 0], [0, 1], [1, 0], [1, 1]]
Y = [0, 1, 1, 0]
losses = []
for epoch in range(50):
    preds = [Value(float(model(x).data)) for x in X]  # right: preds = [model(x) for x in X]
    loss = nn.mean_squared_error(preds, Y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    losses.append(loss.data)
