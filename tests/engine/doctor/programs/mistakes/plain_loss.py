"""The loss is computed from plain numbers."""
# cause: unreached-parameter
import nn

nn.manual_seed(0)
model = nn.MLP(1, [2, 1], activation="tanh")
xs, ys = [[0.1], [0.5]], [0.3, 0.9]
for epoch in range(10):
    predictions = [model(x).data for x in xs]
    loss = sum((p - y) ** 2 for p, y in zip(predictions, ys))
    model.zero_grad()
    loss.backward()
    for p in model.parameters():
        p.data -= 0.1 * p.grad
