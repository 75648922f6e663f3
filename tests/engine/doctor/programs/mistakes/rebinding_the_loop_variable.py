"""The loop variable is bound to a new node; the parameters stay as they are."""
# cause: rebound-parameter
import nn

nn.manual_seed(2)
model = nn.MLP(1, [3, 1], activation="tanh")
X = [[-1.0], [0.0], [1.0]]
Y = [1.0, 0.0, 1.0]
for epoch in range(20):
    loss = nn.mean_squared_error([model(x) for x in X], Y)
    model.zero_grad()
    loss.backward()
    for p in model.parameters():
        p = p - 0.1 * p.grad  # right: p.data = p.data - 0.1 * p.grad
