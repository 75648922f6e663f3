"""Seed in loop."""
# cause: unused-samples
import random
import nn
nn.manual_seed(6)
d = nn.data.moons(60, noise=0.1)
net = nn.MLP(2, [6, 1], activation="tanh")
opt = nn.SGD(net.parameters(), lr=0.2)
# missing: random.seed(0)
for step in range(40):
    random.seed(0)  # right:
    batch = random.sample(range(60), 8)
    loss = nn.binary_cross_entropy_with_logits([net(d.inputs[i]) for i in batch], [d.targets[i] for i in batch])
    opt.zero_grad()
    loss.backward()
    opt.step()
print(loss.data)
