"""The loss list is filled, but only its last item is differentiated."""
# cause: unused-samples
import nn

nn.manual_seed(9)
model = nn.MLP(2, [3, 1], activation="tanh")
opt = nn.SGD(model.parameters(), lr=0.1)
pairs = [([0.1, 0.9], 0.8), ([0.7, 0.3], 0.1), ([0.5, 0.5], 0.4), ([0.2, 0.2], 0.9)]
for epoch in range(12):
    losses = []
    for x, y in pairs:
        losses.append((model(x) - y) ** 2)
    opt.zero_grad()
    losses[-1].backward()
    opt.step()
