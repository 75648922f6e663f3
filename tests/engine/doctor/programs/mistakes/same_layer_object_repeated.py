"""layers = [layer] * 2 used side by side."""
# cause: shared-parameter
import nn

nn.manual_seed(8)
unit = nn.Neuron(2, "tanh")
hidden = [unit, unit, unit]
out = nn.Neuron(3)
opt = nn.SGD(unit.parameters() + out.parameters(), lr=0.1)
for e in range(15):
    loss = sum((out([u(x) for u in hidden]) - y)**2 for x, y in [([0.1, 0.9], 1.0), ([0.8, 0.2], 0.0)]) / 2
    opt.zero_grad(); loss.backward(); opt.step()
