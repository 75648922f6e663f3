"""[Neuron()] * 4 is one neuron four times."""
# cause: shared-parameter
import nn

nn.manual_seed(30)
hidden = [nn.Neuron(2, "tanh")] * 4  # right: hidden = [nn.Neuron(2, "tanh") for _ in range(4)]
out = nn.Neuron(4)
params = list(dict.fromkeys([p for n in hidden for p in n.parameters()])) + out.parameters()
opt = nn.SGD(params, lr=0.1)
for _ in range(20):
    loss = sum((out([n(x) for n in hidden]) - y) ** 2 for x, y in [([0, 0], 0.0), ([0, 1], 1.0), ([1, 0], 1.0)]) / 3
    opt.zero_grad()
    loss.backward()
    opt.step()
