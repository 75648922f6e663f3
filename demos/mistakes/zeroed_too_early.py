"""The gradients are set to 0 between backward() and the update, so the update has nothing to go by."""

import nn
from engine import Watch

nn.manual_seed(1)
model = nn.MLP(2, [4, 1], activation="tanh")
optimiser = nn.SGD(model.parameters(), lr=0.1)
xor = nn.data.xor()
with Watch() as watch:
    for _ in range(10):
        loss = nn.mean_squared_error([model(x) for x in xor.inputs], xor.targets)
        loss.backward()
        optimiser.zero_grad()  # the mistake: it belongs before backward()
        optimiser.step()

found = watch.diagnose()
print(found)
assert found.codes == ["zeroed-before-step"]
assert "the update has nothing to go by" in str(found)
