"""SGD without momentum remembers nothing, so it may be made anew for each step."""
import nn

nn.manual_seed(1)
model = nn.MLP(2, [3, 1], activation="tanh")
for epoch in range(12):
    opt = nn.SGD(model.parameters(), lr=0.2 * 0.95**epoch)
    loss = nn.mean_squared_error([model(x) for x in ([0.1, 0.9], [0.8, 0.3])], [0.7, 0.2])
    opt.zero_grad()
    loss.backward()
    opt.step()
