"""The gradients are set back before each micro-batch, so that only the last one counts."""
# cause: gradients-lost
import nn

nn.manual_seed(1)
model = nn.MLP(2, [3, 1], activation="tanh")
opt = nn.SGD(model.parameters(), lr=0.1)
micro = [([0.0, 0.0], 0.0), ([0.0, 1.0], 1.0), ([1.0, 0.0], 1.0), ([1.0, 1.0], 0.0)]
for epoch in range(10):
    # missing: opt.zero_grad()
    for x, y in micro:
        opt.zero_grad()  # right:
        loss = (model(x) - y) ** 2 / 4
        loss.backward()
    opt.step()
