"""epoch_loss is a Value that goes on for ever, and backward() is called on it."""
# cause: growing-loss
import nn

nn.manual_seed(0)
net = nn.MLP(2, [3, 1], activation="tanh")
sgd = nn.SGD(net.parameters(), lr=0.01)
X = [[0, 0], [0, 1], [1, 0], [1, 1]]
Y = [0, 1, 1, 0]
epoch_loss = 0
for epoch in range(6):
    for x, y in zip(X, Y):
        epoch_loss += nn.mean_squared_error(net(x), y)
    sgd.zero_grad()
    epoch_loss.backward()
    sgd.step()
    print(epoch, epoch_loss.data / 4)
