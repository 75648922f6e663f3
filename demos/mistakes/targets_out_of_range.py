"""The targets are outside the range of the output's activation."""

import nn
from engine import diagnose

nn.manual_seed(0)
model = nn.MLP(2, [3, 1], activation="tanh", output_activation="sigmoid")
samples = ([0.5, 1.0], [1.5, -0.5])
loss = nn.mean_squared_error([model(x) for x in samples], [120.0, 80.0])  # the mistake
loss.backward()

found = diagnose(loss, model.parameters())
print(found)
assert found.codes == ["scale-mismatch"]
assert "a target is 120, but the output is a sigmoid" in str(found)
