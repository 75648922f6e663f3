"""The update loop is left after the first parameter by a return in a helper."""
# cause: not-updated
import nn

def update(model, lr):
    for p in model.parameters():
        p.data -= lr * p.grad
        return

nn.manual_seed(2)
net = nn.MLP(2, [3, 1], activation="tanh")
for e in range(15):
    loss = nn.mean_squared_error([net(x) for x in ([0.2, 0.4], [0.9, 0.1])], [0.5, -0.5])
    net.zero_grad()
    loss.backward()
    update(net, 0.1)
