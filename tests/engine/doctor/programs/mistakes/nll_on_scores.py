"""Nll on scores."""
# cause: scores-as-probabilities
import nn
from engine import log
nn.manual_seed(8)
iris = nn.data.iris()
xs, ys = iris.inputs[::6], iris.targets[::6]
model = nn.MLP(4, [8, 3], activation="relu")
opt = nn.SGD(model.parameters(), lr=0.01)
for epoch in range(25):
    loss = 0
    for x, t in zip(xs, ys):
        p = model(x)  # right: p = nn.softmax(model(x))
        loss = loss - log(p[t])  # right: loss = loss - log(p[t])
    loss = loss / len(xs)
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(epoch, loss.data)
