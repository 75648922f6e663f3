"""Each step begins with a new Adam, which remembers nothing."""
# cause: rebuilt-optimiser
import nn

nn.manual_seed(2)
X, Y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 1]
model = nn.MLP(2, [3, 1], activation="tanh")
optimiser = nn.Adam(model.parameters(), lr=0.02)
for epoch in range(15):
    optimiser = nn.Adam(model.parameters(), lr=0.02)  # right:
    loss = nn.mean_squared_error([model(x) for x in X], Y)
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
