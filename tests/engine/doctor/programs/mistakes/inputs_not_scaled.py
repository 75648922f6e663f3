"""The inputs are in the hundreds, so tanh is flat everywhere."""
# cause: inputs-not-scaled
import nn

nn.manual_seed(4)
houses = [[120.0, 1950.0], [80.0, 1990.0], [200.0, 1930.0], [60.0, 2010.0], [150.0, 1975.0]]  # right: houses = [[0.2, -0.6], [-0.6, 0.5], [1.3, -1.1], [-1.0, 1.2], [0.6, 0.1]]
prices = [0.4, 0.3, 0.7, 0.35, 0.55]
model = nn.MLP(2, [4, 1], activation="tanh")
optimiser = nn.SGD(model.parameters(), lr=0.05)
for epoch in range(20):
    loss = nn.mean_squared_error([model(h) for h in houses], prices)
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
