"""targets and outputs of different lengths are zipped."""
# cause: length-mismatch
import nn

nn.manual_seed(0)
model = nn.MLP(2, [3, 1], activation="tanh")
opt = nn.SGD(model.parameters(), lr=0.1)
inputs = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
targets = [0.0, 1.0, 1.0]
for e in range(10):
    outputs = [model(x) for x in inputs]
    loss = sum((o - t)**2 for o, t in zip(outputs, targets))
    opt.zero_grad()
    loss.backward()
    opt.step()
