"""The loss is computed once, before the loop."""
# cause: fixed-graph
import nn

nn.manual_seed(1)
model = nn.MLP(2, [4, 1], activation="tanh")
opt = nn.SGD(model.parameters(), lr=0.1)
X = [[0, 0], [0, 1], [1, 0], [1, 1]]
Y = [0, 1, 1, 0]
loss = nn.mean_squared_error([model(x) for x in X], Y)
losses = []
for epoch in range(40):
    # missing: loss = nn.mean_squared_error([model(x) for x in X], Y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    losses.append(loss.data)
