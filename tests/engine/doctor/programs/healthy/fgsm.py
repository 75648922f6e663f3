"""An adversarial example: the input moves up the loss."""
import nn
from engine import Value

nn.manual_seed(5)
model = nn.MLP(2, [4, 1], activation="tanh")
x = [Value(0.3), Value(0.7)]
for _ in range(5):
    loss = (model(x) - 1.0) ** 2
    for p in x:
        p.grad = 0.0
    loss.backward()
    for p in x:
        p.data += 0.01 * (1 if p.grad > 0 else -1)
