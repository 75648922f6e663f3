"""1 // 10 is 0, and so is the learning rate."""
# cause: rate-too-small
import nn

nn.manual_seed(1)
model = nn.MLP(2, [3, 1], activation="tanh")
rate = 1 // 10
for epoch in range(15):
    loss = nn.mean_squared_error([model(x) for x in ([0.0, 1.0], [1.0, 0.0])], [1.0, -1.0])
    model.zero_grad()
    loss.backward()
    for p in model.parameters():
        p.data -= rate * p.grad
