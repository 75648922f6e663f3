"""The same network sees two inputs; their distance is trained."""
import nn

nn.manual_seed(2)
net = nn.MLP(2, [3, 2], activation="tanh")
opt = nn.SGD(net.parameters(), lr=0.1)
pairs = [([0.1, 0.2], [0.15, 0.25], 0.0), ([0.1, 0.2], [0.9, 0.8], 1.0), ([0.7, 0.9], [0.8, 0.8], 0.0)]
for epoch in range(15):
    loss = 0
    for a, b, far in pairs:
        d = sum((p - q) ** 2 for p, q in zip(net(a), net(b)))
        loss = loss + (d - far) ** 2
    opt.zero_grad()
    loss.backward()
    opt.step()
