"""Fine-tuning: the body is frozen, the head is trained."""
import nn

nn.manual_seed(1)
body = nn.MLP(2, [4], activation="tanh")  # stands for a pretrained one
frozen = body.parameters()
head = nn.MLP(4, [1])
opt = nn.SGD(head.parameters(), lr=0.1)
X = [[0, 0], [0, 1], [1, 0], [1, 1]]
Y = [0, 1, 1, 1]
for epoch in range(25):
    loss = nn.mean_squared_error([head(body(x)) for x in X], Y)
    opt.zero_grad()
    loss.backward()
    opt.step()
