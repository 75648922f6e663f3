"""First everything is trained, then only the last layer."""
import nn

nn.manual_seed(7)
model = nn.MLP(2, [4, 1], activation="tanh")
X, Y = [[0.1, 0.9], [0.7, 0.2], [0.4, 0.4]], [1.0, 0.2, 0.6]


def train(parameters, lr, epochs):
    opt = nn.SGD(parameters, lr=lr)
    for _ in range(epochs):
        loss = nn.mean_squared_error([model(x) for x in X], Y)
        model.zero_grad()
        loss.backward()
        opt.step()


train(model.parameters(), 0.1, 12)
train(model.layers[1].parameters(), 0.05, 12)
