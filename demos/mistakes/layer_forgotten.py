"""The optimiser gets the parameters of the last layer alone."""

import nn
from engine import Watch

nn.manual_seed(1)
body, head = nn.Layer(2, 4, "tanh", "body"), nn.Layer(4, 1, name="head")
optimiser = nn.SGD(head.parameters(), lr=0.1)  # the mistake: body.parameters() + head.parameters()
xor = nn.data.xor()
with Watch() as watch:
    for _ in range(10):
        loss = nn.mean_squared_error([head(body(x))[0] for x in xor.inputs], xor.targets)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()

found = watch.diagnose()
print(found)
assert found.codes == ["not-updated"]
assert "the parameters of body are never updated" in str(found)
