"""One batch only, as a first test of a network."""
import nn

nn.manual_seed(2)
data = nn.data.moons(40, noise=0.1)
batch_x, batch_y = data.inputs[:6], data.targets[:6]
model = nn.MLP(2, [5, 1], activation="tanh")
opt = nn.SGD(model.parameters(), lr=0.2)
for step in range(20):
    loss = nn.binary_cross_entropy_with_logits([model(x) for x in batch_x], batch_y)
    opt.zero_grad()
    loss.backward()
    opt.step()
