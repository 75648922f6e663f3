"""A learning rate of 50 in fit."""
# cause: rate-too-large
import nn

nn.manual_seed(0)
model = nn.Sequential(nn.Layer(1, 1, None, "line"))
X = [[-1.0], [-0.5], [0.0], [0.5], [1.0]]
Y = [-2.0, -1.1, 0.1, 1.0, 2.1]
history = nn.fit(model, (X, Y), "mean_squared_error", nn.SGD(model.parameters(), lr=50.0), epochs=20)  # right: history = nn.fit(model, (X, Y), "mean_squared_error", nn.SGD(model.parameters(), lr=0.2), epochs=20)
