"""The gradient of each sample alone is looked at, then thrown away."""
import nn

nn.manual_seed(1)
model = nn.MLP(2, [3, 1], activation="tanh")
norms = []
for x, y in [([0.1, 0.2], 0.0), ([0.5, 0.9], 1.0), ([0.8, 0.3], 0.5)]:
    model.zero_grad()
    (model(x) - y).__pow__(2).backward()
    norms.append(sum(p.grad**2 for p in model.parameters()) ** 0.5)
print(norms)
