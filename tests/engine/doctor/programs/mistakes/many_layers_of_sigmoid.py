"""Ten layers of sigmoid let hardly any gradient through."""
# cause: vanishing-gradients
import nn

nn.manual_seed(0)
model = nn.MLP(2, [3] * 10 + [1], activation="sigmoid")  # right: model = nn.MLP(2, [3, 1], activation="sigmoid")
optimiser = nn.SGD(model.parameters(), lr=0.1)
for _ in range(12):
    loss = nn.mean_squared_error([model(x) for x in ([0.0, 1.0], [1.0, 0.0], [1.0, 1.0])], [1.0, 1.0, 0.0])
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
