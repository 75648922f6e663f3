"""One forward and one backward pass of a network, to look at."""
import nn

nn.manual_seed(1)
model = nn.MLP(2, [3, 1], activation="relu")
loss = nn.mean_squared_error([model([0.5, 1.0]), model([1.5, -0.5])], [1.0, 0.0])
loss.backward()
print({name: p.grad for name, p in model.named_parameters()})
