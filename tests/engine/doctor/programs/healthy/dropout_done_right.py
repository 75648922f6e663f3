"""Dropout while training, none afterwards."""
import nn

nn.manual_seed(1)
model = nn.Sequential(nn.Layer(2, 6, "tanh", "hidden"), nn.Dropout(0.3), nn.Layer(6, 1, None, "out"))
opt = nn.Adam(model.parameters(), lr=0.05)
X, Y = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0.0, 1.0, 1.0, 0.0]
for epoch in range(15):
    model.train()
    loss = nn.mean_squared_error([model(x) for x in X], Y)
    opt.zero_grad()
    loss.backward()
    opt.step()
model.eval()
print([model(x).data for x in X])
