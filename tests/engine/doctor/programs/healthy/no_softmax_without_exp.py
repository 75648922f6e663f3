"""A relative of softmax_without_exp.py."""
import nn
from engine import log, exp
nn.manual_seed(22)
iris = nn.data.iris()
xs, ys = iris.inputs[::10], iris.targets[::10]
net = nn.MLP(4, [5, 3], activation="tanh")
opt = nn.SGD(net.parameters(), lr=0.1)
def softmax(scores):
    es = [exp(s) for s in scores]
    total = sum(es)
    return [e / total for e in es]
for epoch in range(30):
    loss = -sum(log(softmax(net(x))[t]) for x, t in zip(xs, ys)) / len(ys)
    opt.zero_grad(); loss.backward(); opt.step()
    if epoch % 10 == 0: print(loss.data)
print(loss.data)
