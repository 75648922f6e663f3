"""The gradients are not set to 0 between steps, so each step follows the sum of all gradients so far."""

import nn
from engine import diagnose

nn.manual_seed(0)
model = nn.MLP(2, [3, 1], activation="tanh")
optimiser = nn.SGD(model.parameters(), lr=0.1)
for _ in range(3):
    loss = nn.mean_squared_error([model([0.5, 1.0]), model([1.5, -0.5])], [1.0, 0.0])
    loss.backward()  # the mistake: no model.zero_grad() before it
    optimiser.step()

found = diagnose(loss, model.parameters())
print(found)
assert "stale-gradients" in found.codes
assert "still contain an earlier backward(): they were not zeroed" in str(found)
