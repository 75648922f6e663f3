"""The optimiser was made for another model."""
# cause: other-parameters
import nn

nn.manual_seed(7)
first = nn.MLP(2, [3, 1], activation="tanh")
second = nn.MLP(2, [5, 1], activation="tanh")
optimiser = nn.SGD(first.parameters(), lr=0.1)  # right: optimiser = nn.SGD(second.parameters(), lr=0.1)
data = [([0.0, 1.0], 1.0), ([1.0, 0.0], 1.0), ([1.0, 1.0], 0.0)]
for epoch in range(20):
    loss = nn.mean_squared_error([second(x) for x, _ in data], [y for _, y in data])
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
