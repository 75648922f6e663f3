"""The first layer joins later."""
import nn

nn.manual_seed(10)
model = nn.MLP(2, [4, 1], activation="tanh")
X, Y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 1]
for epoch in range(24):
    trained = model.layers[1].parameters() if epoch < 12 else model.parameters()
    loss = nn.mean_squared_error([model(x) for x in X], Y)
    model.zero_grad()
    loss.backward()
    for p in trained:
        p.data -= 0.2 * p.grad
