"""Targets sorted alone."""
# cause: shuffled-apart
import random, nn
random.seed(4); nn.manual_seed(4)
x = [random.uniform(-2, 2) for _ in range(25)]
y = [0.3 * v * v - v for v in x]
y.sort()  # right:
net = nn.MLP(1, [8, 1], activation="tanh")
opt = nn.Adam(net.parameters(), lr=0.03)
for epoch in range(40):
    loss = nn.mse_loss([net([v]) for v in x], y)
    opt.zero_grad(); loss.backward(); opt.step()
print(loss.data)
