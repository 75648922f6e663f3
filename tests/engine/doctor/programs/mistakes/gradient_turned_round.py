"""The signs of all gradients are changed before the update."""
# cause: wrong-sign
import nn

nn.manual_seed(1)
model = nn.MLP(2, [3, 1], activation="tanh")
opt = nn.SGD(model.parameters(), lr=0.1)
for _ in range(12):
    loss = nn.mean_squared_error([model(x) for x in ([0.1, 0.9], [0.8, 0.3])], [0.7, 0.2])
    opt.zero_grad()
    loss.backward()
    for p in model.parameters():
        p.grad = -p.grad  # right:
    opt.step()
