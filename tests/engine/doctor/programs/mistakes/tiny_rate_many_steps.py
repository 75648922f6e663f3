"""1e-6 is far too small for plain gradient descent."""
# cause: rate-too-small
import nn

nn.manual_seed(9)
m = nn.MLP(1, [5, 1], activation="tanh")
data = [([x/10], (x/10)**2 + 1) for x in range(-10, 11, 2)]
for epoch in range(30):
    loss = sum((m(x) - y)**2 for x, y in data) / len(data)
    m.zero_grad()
    loss.backward()
    for p in m.parameters():
        p.data -= 1e-6 * p.grad
