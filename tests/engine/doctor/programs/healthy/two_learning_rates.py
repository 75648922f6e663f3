"""Two optimisers with different learning rates for two layers."""
import nn

nn.manual_seed(8)
one, two = nn.Layer(2, 4, "tanh", "one"), nn.Layer(4, 1, None, "two")
slow, fast = nn.SGD(one.parameters(), lr=0.02), nn.SGD(two.parameters(), lr=0.2)
data = [([0.0, 0.0], 0.0), ([0.0, 1.0], 1.0), ([1.0, 0.0], 1.0), ([1.0, 1.0], 0.0)]
for epoch in range(20):
    loss = sum((two(one(x))[0] - y) ** 2 for x, y in data) / 4
    slow.zero_grad()
    fast.zero_grad()
    loss.backward()
    slow.step()
    fast.step()
