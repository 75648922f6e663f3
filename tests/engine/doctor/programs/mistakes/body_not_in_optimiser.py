"""The optimiser gets the parameters of the head alone."""
# cause: not-updated
import nn

nn.manual_seed(1)
body = nn.Layer(2, 4, "tanh")
head = nn.MLP(4, [1])
opt = nn.SGD(head.parameters(), lr=0.1)  # right: opt = nn.SGD(body.parameters() + head.parameters(), lr=0.1)
X = [[0, 0], [0, 1], [1, 0], [1, 1]]
Y = [0, 1, 1, 0]
losses = []
for epoch in range(50):
    loss = nn.mean_squared_error([head(body(x)) for x in X], Y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    losses.append(loss.data)
