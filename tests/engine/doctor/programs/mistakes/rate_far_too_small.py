"""The learning rate is far too small."""
# cause: rate-too-small
import nn

nn.manual_seed(0)
model = nn.Sequential(nn.Layer(2, 4, "tanh"), nn.Layer(4, 1))
optimiser = nn.SGD(model.parameters(), lr=1e-7)  # right: optimiser = nn.SGD(model.parameters(), lr=0.1)
inputs = [[0.2, 0.4], [0.8, -0.3], [-0.5, 0.9], [0.1, -0.7]]
targets = [2.0, -1.0, 1.5, -2.0]
history = []
for _ in range(25):
    loss = nn.mean_squared_error([model(x) for x in inputs], targets)
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    history.append(loss.data)
