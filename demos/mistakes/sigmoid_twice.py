"""The loss takes logits and applies sigmoid itself, but the network already ends with a sigmoid."""

import nn
from engine import diagnose

nn.manual_seed(0)
model = nn.MLP(2, [3, 1], activation="tanh", output_activation="sigmoid")  # the mistake: no sigmoid here
samples = ([0.5, 1.0], [1.5, -0.5])
loss = nn.binary_cross_entropy_with_logits([model(x) for x in samples], [1.0, 0.0])
loss.backward()

found = diagnose(loss, model.parameters())
print(found)
assert found.codes == ["probabilities-as-scores"]
assert "already a sigmoid" in str(found)
