"""range(1, 1) is empty."""
# cause: never-trained
import nn


def train(model, xs, ys, epochs):
    opt = nn.Adam(model.parameters(), lr=0.01)
    for epoch in range(1, epochs):  # right: for epoch in range(1, epochs + 9):
        loss = nn.mean_squared_error([model(x) for x in xs], ys)
        opt.zero_grad()
        loss.backward()
        opt.step()
    return model


nn.manual_seed(0)
model = train(nn.MLP(1, [2, 1], activation="tanh"), [[0.1], [0.4], [0.9]], [0.0, 0.2, 0.8], epochs=1)
print(nn.predict(model, [[0.5]]))
