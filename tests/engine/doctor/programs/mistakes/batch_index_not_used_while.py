"""A while loop over batches never advances the slice."""
# cause: unused-samples
import nn
nn.manual_seed(6)
X = [[i / 20, 1 - i / 20] for i in range(20)]
Y = [x[0]**2 for x in X]
net = nn.MLP(2, [3, 1], activation="tanh")
opt = nn.SGD(net.parameters(), lr=0.1)
for epoch in range(3):
    start = 0
    for batch_number in range(len(X) // 4):
        xb, yb = X[start:start+4], Y[start:start+4]
        loss = nn.mean_squared_error([net(x) for x in xb], yb)
        opt.zero_grad(); loss.backward(); opt.step()
