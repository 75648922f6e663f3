"""Two networks, one loss each, in one loop, with one optimiser."""
import random, nn
from engine import log
random.seed(1); nn.manual_seed(1)
actor, critic = nn.MLP(1, [3, 2], activation="tanh"), nn.MLP(1, [3, 1], activation="tanh")
opt = nn.Adam(actor.parameters() + critic.parameters(), lr=0.02)
for step in range(25):
    s = [random.random()]
    probs = nn.softmax(actor(s))
    a = 0 if random.random() < probs[0].data else 1
    r = 1.0 if (a == 0) == (s[0] < 0.5) else 0.0
    v = critic(s)
    adv = r - v.data
    loss = -log(probs[a]) * adv + (v - r)**2
    opt.zero_grad(); loss.backward(); opt.step()
