"""The loss is a sum over 100 samples, so the step is 100 times too long."""
# cause: sum-not-mean
import nn

nn.manual_seed(1)
moons = nn.data.moons(100, noise=0.1)
model = nn.MLP(2, [8, 1], activation="tanh")
opt = nn.SGD(model.parameters(), lr=0.1)
losses = []
for epoch in range(6):
    loss = 0
    for x, y in zip(moons.inputs, moons.targets):
        loss = loss + (model(x) - y) ** 2
    # missing: loss = loss / len(moons.inputs)
    opt.zero_grad()
    loss.backward()
    opt.step()
    losses.append(loss.data)
