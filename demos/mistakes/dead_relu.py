"""A bias is so negative that relu is 0 for every sample, so the unit never learns."""

import nn
from engine import diagnose

nn.manual_seed(1)
model = nn.MLP(2, [3, 1], activation="relu")
model.layers[0].neurons[1].bias.data = -100.0  # the mistake
samples = [[0.5, 1.0], [1.5, -0.5], [0.0, 0.3], [-1.0, 0.7], [0.2, 0.2], [-0.4, -0.9]]
loss = nn.mean_squared_error([model(x) for x in samples], [1.0, 0.0, 0.5, 0.2, 0.1, 0.9])
loss.backward()

found = diagnose(loss, model.parameters())
print(found)
assert found.codes == ["dead-relu"]
assert "neuron 1 of layer 1: relu is off for every sample" in str(found)
