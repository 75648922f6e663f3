"""Each batch is the first one."""
# cause: unused-samples
import nn

nn.manual_seed(8)
data = nn.data.moons(40, noise=0.1)
X, Y = data.inputs, data.targets
model = nn.MLP(2, [4, 1], activation="tanh")
opt = nn.SGD(model.parameters(), lr=0.1)
size = 8
for epoch in range(3):
    for i in range(0, len(X), size):
        xb, yb = X[:size], Y[:size]  # right: xb, yb = X[i : i + size], Y[i : i + size]
        loss = nn.binary_cross_entropy_with_logits([model(x) for x in xb], yb)
        opt.zero_grad()
        loss.backward()
        opt.step()
