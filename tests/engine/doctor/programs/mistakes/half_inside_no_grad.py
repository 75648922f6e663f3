"""The hidden layer is computed inside no_grad(), although it is to be trained."""
# cause: unreached-parameter
import nn
from engine import no_grad

nn.manual_seed(6)
hidden = nn.Layer(2, 3, "tanh", "hidden")
out = nn.Layer(3, 1, None, "out")
opt = nn.SGD(hidden.parameters() + out.parameters(), lr=0.1)
X = [[0, 0], [0, 1], [1, 0], [1, 1]]
Y = [0, 1, 1, 0]
for epoch in range(20):
    with no_grad():  # right: if True:
        features = [hidden(x) for x in X]
    loss = nn.mean_squared_error([out(f)[0] for f in features], Y)
    opt.zero_grad()
    loss.backward()
    opt.step()
