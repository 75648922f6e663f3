"""init="zeros" for a network with a hidden layer."""
# cause: zero-weights
import nn

model = nn.MLP(2, [6, 1], activation="tanh", init="zeros")  # right: model = nn.MLP(2, [6, 1], activation="tanh", init="xavier_uniform")
opt = nn.SGD(model.parameters(), lr=0.2)
for epoch in range(25):
    loss = nn.mean_squared_error([model(x) for x in ([0, 0], [0, 1], [1, 0], [1, 1])], [0, 1, 1, 0])
    opt.zero_grad()
    loss.backward()
    opt.step()
