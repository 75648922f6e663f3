"""The weight decay is so strong that all weights go to 0."""
# cause: decay-too-large
import nn

nn.manual_seed(5)
model = nn.MLP(2, [4, 1], activation="tanh")
opt = nn.SGD(model.parameters(), lr=0.1, weight_decay=5.0)  # right: opt = nn.SGD(model.parameters(), lr=0.1, weight_decay=0.0005)
X = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
for epoch in range(30):
    loss = nn.mean_squared_error([model(x) for x in X], [0.0, 2.0, 2.0, 4.0])
    opt.zero_grad()
    loss.backward()
    opt.step()
