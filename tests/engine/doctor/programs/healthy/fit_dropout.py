"""fit switches Dropout off by itself when it measures."""
import nn

nn.manual_seed(3)
model = nn.Sequential(nn.Layer(2, 6, "tanh", "hidden"), nn.Dropout(0.2), nn.Layer(6, 1, None, "out"))
data = nn.data.moons(20, noise=0.1)
nn.fit(model, data, optimiser=nn.Adam(model.parameters(), lr=0.02), epochs=4)
print(nn.predict(model, data.inputs[:3]))
