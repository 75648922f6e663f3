"""The classes are counted from 1."""
# cause: labels-from-one
import nn

nn.manual_seed(1)
model = nn.MLP(2, [4, 2], activation="tanh")
opt = nn.SGD(model.parameters(), lr=0.1)
X = [[0, 0], [0, 1], [1, 0], [1, 1]]
Y = [1, 2, 2, 1]  # right: Y = [0, 1, 1, 0]
losses = []
for epoch in range(50):
    loss = nn.cross_entropy([model(x) for x in X], Y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    losses.append(loss.data)
