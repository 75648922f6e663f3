"""A relative of new_inputs_old_labels.py."""
import random, nn
random.seed(1); nn.manual_seed(1)
def make(n): return [[random.uniform(-1, 1), random.uniform(-1, 1)] for _ in range(n)]
X = make(24)
y = [1.0 if a * b > 0 else 0.0 for a, b in X]
net = nn.MLP(2, [6, 1], activation="tanh")
opt = nn.Adam(net.parameters(), lr=0.05)
for epoch in range(25):
    X = make(24)
    y = [1.0 if a * b > 0 else 0.0 for a, b in X]
    loss = nn.binary_cross_entropy_with_logits([net(x) for x in X], y)
    opt.zero_grad(); loss.backward(); opt.step()
    print(loss.data)
