"""The loop does not run at all."""
# cause: never-trained
import nn

nn.manual_seed(0)
model = nn.MLP(2, [3, 1], activation="tanh")
optimiser = nn.SGD(model.parameters(), lr=0.1)
X, Y = [[0, 0], [1, 1]], [0, 1]
epochs = 0  # right: epochs = 10
losses = []
for epoch in range(epochs):
    loss = nn.mean_squared_error([model(x) for x in X], Y)
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    losses.append(loss.data)
print([model(x).data for x in X])
