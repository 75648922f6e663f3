"""One step far too long kills all relus."""
# cause: dead-relu
import nn

nn.manual_seed(1)
model = nn.MLP(2, [5, 1], activation="relu", init="he_uniform")
for neuron in model.layers[0].neurons:
    neuron.bias.data = -50.0  # right: neuron.bias.data = 0.0
opt = nn.Adam(model.parameters(), lr=0.01)
X = [[0.1, 0.9], [0.8, 0.2], [0.5, 0.4], [0.3, 0.3], [0.9, 0.9], [0.2, 0.6]]
Y = [1.0, 0.0, 0.5, 0.4, 0.6, 0.8]
for e in range(20):
    loss = nn.mean_squared_error([model(x) for x in X], Y)
    opt.zero_grad()
    loss.backward()
    opt.step()
