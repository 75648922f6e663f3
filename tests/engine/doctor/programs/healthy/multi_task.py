"""Two heads; each sample trains one of them."""
import random, nn
random.seed(2); nn.manual_seed(2)
trunk, one, two = nn.Layer(2, 4, "tanh", "trunk"), nn.Neuron(4, name="one"), nn.Neuron(4, name="two")
opt = nn.SGD(trunk.parameters() + one.parameters() + two.parameters(), lr=0.1)
jobs = [([0.1, 0.9], 1.0, one), ([0.8, 0.3], -1.0, two), ([0.5, 0.2], 0.3, one), ([0.3, 0.7], 0.6, two)]
for e in range(6):
    random.shuffle(jobs)
    for x, y, head in jobs:
        loss = (head(trunk(x)) - y)**2
        opt.zero_grad(); loss.backward(); opt.step()
