"""One class only."""
# cause: constant-targets
import nn
nn.manual_seed(17)
scores = [35, 52, 71, 88, 46, 93, 28, 64, 77, 59]
hours = [[1.0], [2.0], [3.5], [4.5], [1.5], [5.0], [0.5], [3.0], [4.0], [2.5]]
passed = [1 if s > 100 else 0 for s in scores]  # right: passed = [1 if s > 50 else 0 for s in scores]
net = nn.MLP(1, [3, 1], activation="tanh")
opt = nn.SGD(net.parameters(), lr=0.2)
for e in range(60):
    loss = nn.binary_cross_entropy_with_logits([net(h) for h in hours], passed)
    opt.zero_grad(); loss.backward(); opt.step()
print(loss.data)
