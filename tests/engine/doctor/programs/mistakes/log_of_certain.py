"""log(1 - p) where p has become 1."""
# cause: logarithm-of-zero
import nn
from engine import log

nn.manual_seed(0)
model = nn.MLP(1, [1], output_activation="sigmoid")
model.layers[0].neurons[0].weights[0].data = 50.0
opt = nn.SGD(model.parameters(), lr=0.1)
for epoch in range(5):
    loss = 0
    for x, y in [([1.0], 0), ([2.0], 1)]:
        p = model(x)
        loss = loss - (log(p) if y else log(1 - p))  # right: loss = loss + nn.binary_cross_entropy(p, y)
    opt.zero_grad()
    loss.backward()
    opt.step()
