"""The input is changed instead of the weights, against the gradient."""
import nn
from engine import Value

nn.manual_seed(2)
model = nn.MLP(2, [4, 1], activation="tanh")
image = [Value(0.1, "pixel0"), Value(0.5, "pixel1")]
for _ in range(15):
    loss = (model(image) - 0.9) ** 2
    for p in image:
        p.grad = 0.0
    loss.backward()
    for p in image:
        p.data -= 0.2 * p.grad
