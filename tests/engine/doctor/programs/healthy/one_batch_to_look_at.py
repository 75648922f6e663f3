"""One batch is differentiated, to look at its gradients."""
import nn

nn.manual_seed(1)
model = nn.MLP(2, [3, 1], activation="tanh")
for x, y in [([0.1, 0.2], 0.3), ([0.5, 0.1], 0.2)]:
    loss = (model(x) - y) ** 2
    loss.backward()
    break
print([p.grad for p in model.parameters()])
