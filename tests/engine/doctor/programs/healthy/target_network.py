"""A target network is a copy that is renewed now and then."""
import copy
import random

import nn

random.seed(1)
nn.manual_seed(1)
net = nn.MLP(2, [3, 1], activation="tanh")
target_net = copy.deepcopy(net)
opt = nn.Adam(net.parameters(), lr=0.02)
for step in range(24):
    x = [random.uniform(-1, 1), random.uniform(-1, 1)]
    goal = 0.5 + 0.9 * target_net(x).data
    loss = (net(x) - goal) ** 2
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 6 == 5:
        target_net.load_state_dict(net.state_dict())
