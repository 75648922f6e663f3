"""The losses themselves are kept, as Values."""
import nn

nn.manual_seed(3)
model = nn.MLP(2, [3, 1], activation="tanh")
opt = nn.SGD(model.parameters(), lr=0.1)
losses = []
for epoch in range(15):
    loss = nn.mean_squared_error([model(x) for x in ([0.0, 1.0], [1.0, 0.0])], [1.0, 0.0])
    opt.zero_grad()
    loss.backward()
    opt.step()
    losses.append(loss)
print(sum(x.data for x in losses) / len(losses))
