"""The learning rate falls from epoch to epoch."""
import nn

nn.manual_seed(4)
model = nn.MLP(2, [4, 1], activation="relu")
opt = nn.SGD(model.parameters(), lr=0.1)
for epoch in range(20):
    opt.lr = 0.1 * 0.9**epoch
    loss = nn.mean_squared_error([model(x) for x in ([0, 0], [0, 1], [1, 0], [1, 1])], [0, 1, 1, 2])
    opt.zero_grad()
    loss.backward()
    opt.step()
