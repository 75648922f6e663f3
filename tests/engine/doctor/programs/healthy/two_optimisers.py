"""A generator and a discriminator, each with an optimiser of its own."""
import random

import nn
from engine import log

random.seed(0)
nn.manual_seed(0)
G = nn.MLP(1, [3, 1], activation="tanh")
D = nn.MLP(1, [3, 1], activation="tanh", output_activation="sigmoid")
g_opt = nn.SGD(G.parameters(), lr=0.05)
d_opt = nn.SGD(D.parameters(), lr=0.05)
for step in range(12):
    noise = [random.uniform(-1, 1) for _ in range(4)]
    real = [random.gauss(1.0, 0.2) for _ in range(4)]
    d_opt.zero_grad()
    fake = [G([z]).data for z in noise]
    d_loss = -sum(log(D([r])) + log(1 - D([f])) for r, f in zip(real, fake)) / 4
    d_loss.backward()
    d_opt.step()
    g_opt.zero_grad()
    g_loss = -sum(log(D([G([z])])) for z in noise) / 4
    g_loss.backward()
    g_opt.step()
