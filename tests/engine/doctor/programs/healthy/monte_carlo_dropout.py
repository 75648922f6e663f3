"""Dropout stays on, to see how uncertain the predictions are."""
import nn

nn.manual_seed(1)
model = nn.Sequential(nn.Layer(1, 6, "tanh", "hidden"), nn.Dropout(0.2), nn.Layer(6, 1, None, "out"))
opt = nn.Adam(model.parameters(), lr=0.05)
for _ in range(10):
    loss = nn.mean_squared_error([model([x]) for x in (0.0, 0.5, 1.0)], [0.0, 1.0, 0.5])
    opt.zero_grad()
    loss.backward()
    opt.step()
samples = [model([0.3]).data for _ in range(10)]
print(min(samples), max(samples))
