"""A relative of weight_decay.py."""
import nn
nn.manual_seed(17)
d = nn.data.moons(16, noise=0.1)
model = nn.MLP(2, [4, 1], activation="relu")
optimizer = nn.AdamW(model.parameters(), lr=0.02, weight_decay=0.01)
for epoch in range(40):
    loss = nn.binary_cross_entropy_with_logits([model(x) for x in d.inputs], d.targets)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(loss.data)
