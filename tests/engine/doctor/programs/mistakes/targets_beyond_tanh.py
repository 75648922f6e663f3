"""The output is a tanh, but targets go up to 5."""
# cause: scale-mismatch
import nn

nn.manual_seed(2)
model = nn.MLP(1, [4, 1], activation="tanh", output_activation="tanh")  # right: model = nn.MLP(1, [4, 1], activation="tanh")
opt = nn.SGD(model.parameters(), lr=0.02)
X = [[0.0], [0.5], [1.0], [1.5]]
Y = [0.5, 2.0, 3.5, 5.0]
for _ in range(20):
    loss = nn.mean_squared_error([model(x) for x in X], Y)
    opt.zero_grad()
    loss.backward()
    opt.step()
