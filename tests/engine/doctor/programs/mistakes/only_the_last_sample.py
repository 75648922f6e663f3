"""The loss is assigned, not added up, so that only the last sample counts."""
# cause: unused-samples
import nn

nn.manual_seed(1)
model = nn.MLP(2, [3, 1], activation="tanh")
opt = nn.SGD(model.parameters(), lr=0.1)
X, Y = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0.0, 1.0, 1.0, 0.0]
for epoch in range(15):
    loss = 0
    for x, y in zip(X, Y):
        loss = (model(x) - y) ** 2  # right: loss = loss + (model(x) - y) ** 2
    opt.zero_grad()
    loss.backward()
    opt.step()
