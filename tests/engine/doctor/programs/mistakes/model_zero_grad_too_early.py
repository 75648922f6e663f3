"""model.zero_grad() right after backward(), update by hand."""
# cause: zeroed-before-step
import nn


class Tiny(nn.Module):
    def __init__(self):
        super().__init__("tiny")
        self.hidden = nn.Layer(2, 3, "tanh", "hidden")
        self.final = nn.Neuron(3)

    def forward(self, x):
        return self.final(self.hidden(x))


nn.manual_seed(3)
tiny = Tiny()
samples = [([0.1, 0.2], 0.3), ([0.4, -0.2], 0.2), ([-0.5, 0.5], 0.0)]
for _ in range(20):
    err = sum((tiny(x) - y) ** 2 for x, y in samples) / 3
    err.backward()
    tiny.zero_grad()  # right:
    for p in tiny.parameters():
        p.data += -0.1 * p.grad
    # missing: tiny.zero_grad()
