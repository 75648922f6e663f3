"""Each epoch begins with a new model."""
# cause: rebuilt-model
import nn

nn.manual_seed(2)
X, Y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 1]
model = nn.MLP(2, [3, 1], activation="tanh")
optimiser = nn.SGD(model.parameters(), lr=0.2)
for epoch in range(15):
    model = nn.MLP(2, [3, 1], activation="tanh")  # right:
    optimiser = nn.SGD(model.parameters(), lr=0.2)  # right:
    loss = nn.mean_squared_error([model(x) for x in X], Y)
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
