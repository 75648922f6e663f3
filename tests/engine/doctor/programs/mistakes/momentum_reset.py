"""The velocities are set to 0 at each step, so Adam by hand divides wrongly."""
# cause: stale-gradients
import nn

nn.manual_seed(0)
model = nn.MLP(1, [3, 1], activation="tanh")
for epoch in range(10):
    for x, y in [([0.1], 0.3), ([0.5], 0.1), ([0.9], 0.7)]:
        loss = (model(x) - y) ** 2
        loss.backward()
        for p in model.parameters():
            p.data -= 0.1 * p.grad
    model.zero_grad()
