"""A learning rate finder: the rate grows until the loss explodes, on purpose at the end."""
import nn

nn.manual_seed(3)
model = nn.MLP(2, [4, 1], activation="tanh")
start = model.state_dict()
opt = nn.SGD(model.parameters(), lr=1e-4)
for step in range(12):
    loss = nn.mean_squared_error([model(x) for x in ([0, 0], [0, 1], [1, 0], [1, 1])], [0, 1, 1, 1])
    opt.zero_grad()
    loss.backward()
    opt.step()
    opt.lr *= 2
model.load_state_dict(start)
