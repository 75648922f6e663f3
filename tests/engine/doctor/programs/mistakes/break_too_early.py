"""break ends the loop over the samples after the first one."""
# cause: unused-samples
import nn

nn.manual_seed(14)
net = nn.MLP(2, [3, 1], activation="tanh")
opt = nn.SGD(net.parameters(), lr=0.1)
train_x = [[0.0, 0.1], [0.5, 0.4], [0.9, 0.3], [0.2, 0.8], [0.7, 0.7]]
train_y = [0.0, 0.3, 0.4, 0.6, 0.9]
for epoch in range(12):
    for x, y in zip(train_x, train_y):
        loss = (net(x) - y) ** 2
        opt.zero_grad()
        loss.backward()
        opt.step()
        break  # right:
