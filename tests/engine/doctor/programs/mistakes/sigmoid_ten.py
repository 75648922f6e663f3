"""A sigmoid output for ratings from 1 to 10."""
# cause: scale-mismatch
import nn

nn.manual_seed(0)
model = nn.MLP(2, [4, 1], activation="relu", output_activation="sigmoid")
opt = nn.Adam(model.parameters(), lr=0.05)
ratings = [([0.1, 0.9], 7), ([0.8, 0.2], 3), ([0.5, 0.5], 10), ([0.3, 0.1], 1)]
for _ in range(15):
    loss = sum((model(x) - r) ** 2 for x, r in ratings) / 4
    opt.zero_grad()
    loss.backward()
    opt.step()
