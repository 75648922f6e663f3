"""The gradients are clipped to 0, since the limit is 0."""
# cause: gradients-lost
import nn

nn.manual_seed(5)
model = nn.MLP(2, [4, 1], activation="tanh")
opt = nn.SGD(model.parameters(), lr=0.1)
LIMIT = 0  # right: LIMIT = 1.0
X = [[0, 0], [0, 1], [1, 0], [1, 1]]
for epoch in range(15):
    loss = nn.mean_squared_error([model(x) for x in X], [0, 1, 1, 0])
    opt.zero_grad()
    loss.backward()
    for p in model.parameters():
        p.grad = max(-LIMIT, min(LIMIT, p.grad))
    opt.step()
