"""The loss takes scores and applies softmax itself, but it is given the probabilities of a softmax."""

import nn
from engine import diagnose

nn.manual_seed(0)
model = nn.MLP(2, [3, 3], activation="tanh")
samples, classes = ([0.5, 1.0], [1.5, -0.5]), [0, 2]
loss = nn.cross_entropy([nn.softmax(model(x)) for x in samples], classes)  # the mistake: no softmax here
loss.backward()

found = diagnose(loss, model.parameters())
print(found)
assert found.codes == ["probabilities-as-scores"]
assert "softmax or sigmoid is applied twice" in str(found)
