"""There are fewer targets than outputs, and zip() stops at the shorter list."""

import nn
from engine import diagnose

nn.manual_seed(0)
model = nn.MLP(2, [3, 1], activation="tanh")
outputs = [model(x) for x in ([0.5, 1.0], [1.5, -0.5], [0.3, 0.3])]
targets = [1.0, 0.0]  # the mistake: one is missing
loss = sum((output - target) ** 2 for output, target in zip(outputs, targets, strict=False))
loss.backward()

found = diagnose(loss, model.parameters(), variables=globals())
print(found)
assert found.codes == ["length-mismatch"]
assert "only 2 of the 3 values in 'outputs' enter the loss" in str(found)
