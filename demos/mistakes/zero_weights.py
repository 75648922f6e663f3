"""All weights start at 0, so the hidden units are equal and stay equal."""

import nn
from engine import diagnose

model = nn.MLP(2, [3, 1], activation="tanh")
for parameter in model.parameters():
    parameter.data = 0.0  # the mistake
loss = nn.mean_squared_error([model([0.5, 1.0]), model([1.5, -0.5])], [1.0, 0.0])
loss.backward()

found = diagnose(loss, model.parameters())
print(found)
assert found.codes == ["zero-weights"]
assert "all weights of the hidden units are 0" in str(found)
