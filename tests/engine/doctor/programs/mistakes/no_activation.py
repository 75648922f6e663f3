"""Two layers without an activation between them are one linear layer."""
# cause: linear-network
import nn

nn.manual_seed(0)
model = nn.Sequential(nn.Layer(2, 5, None, "hidden"), nn.Layer(5, 1, None, "out"))  # right: model = nn.Sequential(nn.Layer(2, 5, "tanh", "hidden"), nn.Layer(5, 1, None, "out"))
opt = nn.SGD(model.parameters(), lr=0.1)
for epoch in range(40):
    loss = nn.mean_squared_error([model(x) for x in ([0, 0], [0, 1], [1, 0], [1, 1])], [0, 1, 1, 0])
    opt.zero_grad()
    loss.backward()
    opt.step()
