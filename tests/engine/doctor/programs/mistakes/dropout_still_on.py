"""The model is measured without eval(), so Dropout still drops."""
# cause: dropout-still-on
import nn

nn.manual_seed(1)
model = nn.Sequential(nn.Layer(2, 6, "tanh", "hidden"), nn.Dropout(0.5), nn.Layer(6, 1, None, "out"))
optimiser = nn.Adam(model.parameters(), lr=0.05)
X = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
Y = [0.0, 1.0, 1.0, 0.0]
for epoch in range(20):
    loss = nn.mean_squared_error([model(x) for x in X], Y)
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
# missing: model.eval()
for x, y in zip(X, Y):
    print(x, y, model(x).data)
