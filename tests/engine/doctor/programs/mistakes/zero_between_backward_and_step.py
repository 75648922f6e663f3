"""zero_grad() stands between backward() and step()."""
# cause: zeroed-before-step
import nn

nn.manual_seed(1)
model = nn.MLP(2, [4, 1], activation="tanh")
opt = nn.SGD(model.parameters(), lr=0.1)
X = [[0, 0], [0, 1], [1, 0], [1, 1]]
Y = [0, 1, 1, 0]
losses = []
for epoch in range(30):
    loss = nn.mean_squared_error([model(x) for x in X], Y)
    loss.backward()
    opt.zero_grad()  # right: opt.step()
    opt.step()  # right: opt.zero_grad()
    losses.append(loss.data)
