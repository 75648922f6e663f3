"""Two epochs only."""
import nn

nn.manual_seed(12)
model = nn.MLP(3, [6, 6, 2], activation="gelu")
opt = nn.Adam(model.parameters(), lr=0.01)
X = [[0.1, 0.5, 0.9], [0.8, 0.2, 0.1], [0.4, 0.4, 0.4]]
for epoch in range(2):
    loss = nn.cross_entropy([model(x) for x in X], [0, 1, 1])
    opt.zero_grad()
    loss.backward()
    opt.step()
