"""A layer is left out at random."""
import random, nn
random.seed(3); nn.manual_seed(3)
a, b, out = nn.Layer(2, 2, "tanh", "a"), nn.Layer(2, 2, "tanh", "b"), nn.Neuron(2)
opt = nn.SGD(a.parameters() + b.parameters() + out.parameters(), lr=0.1)
for e in range(20):
    total = 0
    for x, y in [([0.2, 0.8], 0.5), ([0.9, 0.4], -0.3)]:
        h = a(x)
        if random.random() < 0.7:
            h = [p + q for p, q in zip(h, b(h))]
        total = total + (out(h) - y)**2
    loss = total / 2
    opt.zero_grad(); loss.backward(); opt.step()
