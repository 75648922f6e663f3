"""The update comes between the forward pass and backward()."""
# cause: updated-before-backward
import nn

nn.manual_seed(1)
model = nn.MLP(2, [4, 1], activation="tanh")
opt = nn.SGD(model.parameters(), lr=0.1)
X = [[0, 0], [0, 1], [1, 0], [1, 1]]
Y = [0, 1, 1, 0]
for epoch in range(20):
    loss = nn.mean_squared_error([model(x) for x in X], Y)
    opt.step()  # right: opt.zero_grad()
    opt.zero_grad()  # right: loss.backward()
    loss.backward()  # right: opt.step()
