"""A module of helpers; the training is not started here."""
import nn


def train(model, data, epochs):
    for _ in range(epochs):
        loss = nn.mean_squared_error([model(x) for x, _ in data], [y for _, y in data])
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p.data -= 0.1 * p.grad


nn.manual_seed(0)
out = nn.MLP(1, [2, 1])([0.5])
