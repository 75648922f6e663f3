"""The accuracy is measured in training mode."""
# cause: dropout-still-on
import nn
from engine import no_grad


class Net(nn.Module):
    def __init__(self):
        super().__init__("net")
        self.first = nn.Layer(2, 8, "relu", "first")
        self.drop = nn.Dropout(0.4)
        self.last = nn.Layer(8, 2, None, "last")

    def forward(self, x):
        return self.last(self.drop(self.first(x)))


nn.manual_seed(2)
net = Net()
opt = nn.SGD(net.parameters(), lr=0.1)
X, Y = [[0.1, 0.8], [0.9, 0.2], [0.3, 0.7], [0.7, 0.1]], [0, 1, 0, 1]
for epoch in range(15):
    loss = nn.cross_entropy([net(x) for x in X], Y)
    opt.zero_grad()
    loss.backward()
    opt.step()
right = 0
# missing: net.eval()
with no_grad():
    for x, y in zip(X, Y):
        scores = net(x)
        right += (scores[1] > scores[0]) == bool(y)
print("accuracy", right / len(X))
