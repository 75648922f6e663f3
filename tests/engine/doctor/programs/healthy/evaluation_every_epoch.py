"""After each epoch the accuracy is measured inside no_grad()."""
import nn
from engine import no_grad

nn.manual_seed(3)
moons = nn.data.moons(24, noise=0.1)
model = nn.MLP(2, [5, 1], activation="tanh")
opt = nn.Adam(model.parameters(), lr=0.05)


def accuracy():
    with no_grad():
        return sum((model(x) > 0) == bool(y) for x, y in zip(moons.inputs, moons.targets)) / 24


for epoch in range(8):
    loss = nn.binary_cross_entropy_with_logits([model(x) for x in moons.inputs], moons.targets)
    opt.zero_grad()
    loss.backward()
    opt.step()
    accuracy()
