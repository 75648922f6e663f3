"""XOR, ended while it is still on its plateau."""
import nn

nn.manual_seed(1)
model = nn.MLP(2, [4, 1], activation="tanh")
opt = nn.SGD(model.parameters(), lr=0.1)
losses = []
for epoch in range(40):
    loss = nn.mean_squared_error([model(x) for x in ([0, 0], [0, 1], [1, 0], [1, 1])], [0, 1, 1, 0])
    opt.zero_grad()
    loss.backward()
    opt.step()
    losses.append(loss.data)
