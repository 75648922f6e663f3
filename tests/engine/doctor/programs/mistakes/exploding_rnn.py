"""Weights of 40 in six layers."""
# cause: exploding-gradients
import nn

nn.manual_seed(0)
model = nn.MLP(2, [4] * 6 + [1], activation="leaky_relu")
for p in model.parameters():
    p.data *= 40.0
opt = nn.SGD(model.parameters(), lr=1e-30)
for _ in range(4):
    loss = nn.mean_squared_error([model(x) for x in ([0.5, 1.0], [1.5, -0.5])], [1.0, 0.0])
    opt.zero_grad()
    loss.backward()
    opt.step()
