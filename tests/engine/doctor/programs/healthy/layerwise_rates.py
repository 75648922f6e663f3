"""Each layer has its own learning rate, by hand."""
import nn

nn.manual_seed(9)
model = nn.MLP(2, [4, 1], activation="tanh")
rates = {p: 0.05 for p in model.layers[0].parameters()} | {p: 0.2 for p in model.layers[1].parameters()}
for epoch in range(20):
    loss = nn.mean_squared_error([model(x) for x in ([0, 0], [0, 1], [1, 0], [1, 1])], [0, 1, 1, 1])
    model.zero_grad()
    loss.backward()
    for p, rate in rates.items():
        p.data -= rate * p.grad
