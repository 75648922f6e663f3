"""A sum over twenty samples with SGD and lr 0.1."""
# cause: sum-not-mean
import nn

nn.manual_seed(5)
xs = [[i / 10 - 1, (i * 7 % 20) / 10 - 1] for i in range(20)]
ys = [3 * a - 2 * b for a, b in xs]
net = nn.MLP(2, [1])
opt = nn.SGD(net.parameters(), lr=0.15)
for epoch in range(25):
    loss = sum((net(x) - y) ** 2 for x, y in zip(xs, ys))
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(epoch, loss.data)
