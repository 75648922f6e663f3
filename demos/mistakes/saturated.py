"""The inputs are not scaled, so tanh is flat everywhere and hardly any gradient passes through it."""

import nn
from engine import diagnose

nn.manual_seed(1)
model = nn.MLP(2, [3, 1], activation="tanh")
samples = [[500.0, 900.0], [-700.0, -300.0], [900.0, 200.0]]  # the mistake
loss = nn.mean_squared_error([model(x) for x in samples], [1.0, 0.0, 0.5])
loss.backward()

found = diagnose(loss, model.parameters())
print(found)
assert found.codes == ["inputs-not-scaled"]
assert "they go up to 900" in str(found)
