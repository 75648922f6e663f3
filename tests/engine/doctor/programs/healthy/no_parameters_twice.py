"""A relative of parameters_twice.py."""
import nn
nn.manual_seed(4)
encoder = nn.Layer(2, 5, "tanh")
decoder = nn.Layer(5, 1)
model = nn.Sequential(encoder, decoder)
params = encoder.parameters() + decoder.parameters()
data = [([0.2, 0.1], 0.3), ([0.5, -0.5], 0.0), ([-0.3, 0.6], 0.3), ([0.9, 0.4], 1.3), ([-0.7, -0.2], -0.9)]
for epoch in range(40):
    loss = sum((model(x) - y) ** 2 for x, y in data) / len(data)
    for p in params: p.grad = 0.0
    loss.backward()
    for p in params: p.data -= 0.1 * p.grad
    print(loss.data)
