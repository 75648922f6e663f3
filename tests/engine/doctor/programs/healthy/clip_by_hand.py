"""The gradients are clipped by value."""
import nn

nn.manual_seed(5)
model = nn.MLP(2, [4, 1], activation="tanh")
opt = nn.SGD(model.parameters(), lr=0.1)
for epoch in range(15):
    loss = nn.mean_squared_error([model(x) for x in ([0, 0], [0, 1], [1, 0], [1, 1])], [0, 3, 3, 6])
    opt.zero_grad()
    loss.backward()
    for p in model.parameters():
        p.grad = max(-0.5, min(0.5, p.grad))
    opt.step()
