"""The initial weights are far too large, so each layer multiplies the gradient."""

import nn
from engine import diagnose

nn.manual_seed(0)
model = nn.MLP(2, [4] * 6 + [1], activation="leaky_relu")
for parameter in model.parameters():
    parameter.data *= 40.0  # the mistake
loss = nn.mean_squared_error([model([0.5, 1.0]), model([1.5, -0.5])], [1.0, 0.0])
loss.backward()

found = diagnose(loss, model.parameters())
print(found)
assert found.codes == ["exploding-gradients"]
assert "explode on their way to the first layer" in str(found)
