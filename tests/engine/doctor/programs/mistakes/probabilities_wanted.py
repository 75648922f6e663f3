"""The loss wants probabilities, and gets scores."""
# cause: scores-as-probabilities
import nn

nn.manual_seed(1)
model = nn.MLP(2, [4, 1], activation="tanh")
opt = nn.SGD(model.parameters(), lr=0.1)
for _ in range(10):
    loss = nn.binary_cross_entropy([model(x) * 5 for x in ([0.2, 0.9], [0.8, 0.1], [0.9, 0.9])], [1, 0, 1])
    opt.zero_grad()
    loss.backward()
    opt.step()
