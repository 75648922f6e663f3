"""Ten layers of sigmoid: each multiplies the gradient by at most a quarter."""

import nn
from engine import diagnose

nn.manual_seed(0)
model = nn.MLP(2, [3] * 10 + [1], activation="sigmoid")  # the mistake
loss = nn.mean_squared_error([model([0.5, 1.0]), model([1.5, -0.5])], [1.0, 0.0])
loss.backward()

found = diagnose(loss, model.parameters())
print(found)
assert found.codes == ["vanishing-gradients"]
assert "vanish on their way to the first layer" in str(found)
