"""Data with zeros, and Dropout done right: a factor 0 is not always a dropped number."""
import nn

nn.manual_seed(1)
model = nn.Sequential(nn.Layer(2, 3, "tanh", "hidden"), nn.Dropout(0.5), nn.Layer(3, 1, None, "out"))
opt = nn.SGD(model.parameters(), lr=0.1)
for _ in range(8):
    loss = nn.mean_squared_error([model(x) for x in ([0.0, 1.0], [1.0, 0.0])], [0.3, 0.6])
    opt.zero_grad()
    loss.backward()
    opt.step()
model.eval()
print([(model(x) * 0.5 - 1.0).data for x in ([0.0, 1.0], [1.0, 0.0])])
