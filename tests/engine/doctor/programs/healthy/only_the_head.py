"""Transfer: the body comes from elsewhere, only the head is trained."""
import nn

nn.manual_seed(1)
body = nn.MLP(2, [4], activation="tanh")
head = nn.MLP(4, [1])
opt = nn.SGD(head.parameters(), lr=0.1)
for epoch in range(30):
    loss = nn.mean_squared_error([head(body(x)) for x in ([0, 0], [0, 1], [1, 0], [1, 1])], [0, 1, 1, 0])
    opt.zero_grad()
    loss.backward()
    opt.step()
