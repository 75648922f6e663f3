"""The logarithm of the likelihood is minimised: the minus is missing."""
# cause: negated-loss
import nn
from engine import log

nn.manual_seed(0)
model = nn.MLP(2, [3, 2], activation="tanh")
opt = nn.SGD(model.parameters(), lr=0.1)
data = [([0.0, 1.0], 0), ([1.0, 0.0], 1), ([0.9, 0.2], 1), ([0.1, 0.7], 0)]
for _ in range(15):
    loss = sum(log(nn.softmax(model(x))[c]) for x, c in data) / len(data)  # right: loss = -sum(log(nn.softmax(model(x))[c]) for x, c in data) / len(data)
    opt.zero_grad()
    loss.backward()
    opt.step()
