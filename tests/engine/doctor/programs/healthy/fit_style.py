"""nn.fit, with validation."""
import nn

nn.manual_seed(0)
train, validation = nn.data.moons(40, noise=0.1).split(0.75)
model = nn.MLP(2, [8, 1], activation="tanh")
history = nn.fit(model, train, optimiser=nn.Adam(model.parameters(), lr=0.05), epochs=15, batch_size=10, validation=validation)
print(history.last.accuracy)
