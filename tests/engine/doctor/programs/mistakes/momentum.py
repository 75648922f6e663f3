"""Momentum."""
# cause: momentum-too-large
import nn
nn.manual_seed(16)
d = nn.data.moons(16, noise=0.1)
model = nn.MLP(2, [8, 1], activation="tanh")
optimizer = nn.SGD(model.parameters(), lr=0.2, momentum=0.999)  # right: optimizer = nn.SGD(model.parameters(), lr=0.1, momentum=0.9)
for epoch in range(60):
    loss = nn.mse_loss([model(x) for x in d.inputs], d.targets)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(epoch, loss.data)
