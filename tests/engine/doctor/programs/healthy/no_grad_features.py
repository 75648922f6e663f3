"""Fixed features are computed once, without gradients."""
import nn
from engine import no_grad

nn.manual_seed(6)
features = nn.Layer(2, 5, "tanh", "features")
readout = nn.Layer(5, 1, None, "readout")
X, Y = [[0.1, 0.2], [0.8, 0.4], [0.3, 0.9], [0.6, 0.6]], [0.1, 0.7, 0.5, 0.6]
with no_grad():
    H = [[h.data for h in features(x)] for x in X]
sgd = nn.SGD(readout.parameters(), lr=0.2)
for _ in range(20):
    loss = nn.mean_squared_error([readout(h)[0] for h in H], Y)
    sgd.zero_grad()
    loss.backward()
    sgd.step()
