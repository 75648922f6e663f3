"""relu at the output, tanh targets of -1 and 1."""
# cause: scale-mismatch
import nn

nn.manual_seed(12)
model = nn.Sequential(nn.Layer(2, 5, "tanh", "h"), nn.Layer(5, 1, "relu", "o"))
opt = nn.SGD(model.parameters(), lr=0.05)
moons = nn.data.moons(16, noise=0.05)
targets = [1 if t else -1 for t in moons.targets]
for e in range(15):
    loss = nn.mean_squared_error([model(x) for x in moons.inputs], targets)
    opt.zero_grad(); loss.backward(); opt.step()
