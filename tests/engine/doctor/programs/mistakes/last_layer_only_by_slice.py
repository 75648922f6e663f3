"""A slice of the parameters leaves out the first of them."""
# cause: not-updated
import nn

nn.manual_seed(21)
model = nn.MLP(2, [4, 1], activation="tanh")
ps = model.parameters()[6:]  # right: ps = model.parameters()
truth = [([0, 0], 0), ([0, 1], 1), ([1, 0], 1), ([1, 1], 0)]
for i in range(30):
    loss = sum((model(x) - y) ** 2 for x, y in truth) * 0.25
    model.zero_grad()
    loss.backward()
    for p in ps:
        p.data -= 0.3 * p.grad
