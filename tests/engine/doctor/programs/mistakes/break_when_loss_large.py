"""if loss > best: break is meant to be the other way round."""
# cause: ended-early
import nn
nn.manual_seed(7)
model = nn.MLP(2, [4, 1], activation="tanh")
opt = nn.SGD(model.parameters(), lr=0.3)
best_loss = 1e9
for epoch in range(100):
    loss = nn.mean_squared_error([model(x) for x in ([0, 0], [0, 1], [1, 0], [1, 1])], [0, 1, 1, 0])
    opt.zero_grad()
    loss.backward()
    opt.step()
    if loss.data < best_loss:
        break
