"""Adam with a learning rate of 10."""
# cause: rate-too-large
import nn

nn.manual_seed(2)
model = nn.MLP(2, [5, 1], activation="tanh")
opt = nn.Adam(model.parameters(), lr=10.0)
X, Y = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0.0, 1.0, 1.0, 0.0]
for step in range(30):
    loss = nn.mean_squared_error([model(x) for x in X], Y)
    opt.zero_grad()
    loss.backward()
    opt.step()
