"""The parentheses of backward are missing."""
# cause: no-backward
import nn

nn.manual_seed(4)
model = nn.MLP(2, [3, 1], activation="sigmoid")
opt = nn.Adam(model.parameters(), lr=0.02)
for _ in range(15):
    loss = nn.mean_squared_error([model(x) for x in ([0.0, 1.0], [1.0, 0.0], [0.3, 0.3])], [1.0, 0.0, 0.5])
    loss.backward
    opt.step()
