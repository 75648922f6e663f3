"""A new SGD with momentum before each step."""
# cause: rebuilt-optimiser
import nn


def step(model, loss):
    optimiser = nn.SGD(model.parameters(), lr=0.05, momentum=0.9)  # right: optimiser = model.optimiser = getattr(model, "optimiser", None) or nn.SGD(model.parameters(), lr=0.05, momentum=0.9)
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()


nn.manual_seed(12)
model = nn.MLP(2, [3, 1], activation="tanh")
for epoch in range(15):
    step(model, nn.mean_squared_error([model(x) for x in ([0.1, 0.2], [0.8, 0.3], [0.4, 0.9])], [0.0, 1.0, 0.5]))
