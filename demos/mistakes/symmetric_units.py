"""All weights start at the same number, so three units do the work of one."""

import nn
from engine import diagnose

model = nn.MLP(2, [3, 1], activation="tanh")
for parameter in model.parameters():
    parameter.data = 0.3  # the mistake
loss = nn.mean_squared_error([model([0.5, 1.0]), model([1.5, -0.5])], [1.0, 0.0])
loss.backward()

found = diagnose(loss, model.parameters())
print(found)
assert found.codes == ["symmetric-units"]
assert "have the same weights and the same gradients" in str(found)
