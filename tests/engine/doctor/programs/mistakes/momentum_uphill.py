"""Momentum by hand with the wrong sign."""
# cause: wrong-sign
import nn

nn.manual_seed(5)
model = nn.MLP(2, [3, 1], activation="tanh")
velocity = [0.0 for _ in model.parameters()]
for k in range(12):
    loss = sum((model(x) - y) ** 2 for x, y in [([0.5, 1.0], 1.0), ([1.5, -0.5], 0.0)])
    model.zero_grad()
    loss.backward()
    for i, p in enumerate(model.parameters()):
        velocity[i] = 0.9 * velocity[i] + 0.05 * p.grad  # right: velocity[i] = 0.9 * velocity[i] - 0.05 * p.grad
        p.data += velocity[i]
