"""Five small models are trained in turn in one loop."""
import nn

nn.manual_seed(7)
models = [nn.MLP(1, [3, 1], activation="tanh") for _ in range(5)]
optimisers = [nn.SGD(m.parameters(), lr=0.1) for m in models]
for epoch in range(8):
    for model, optimiser in zip(models, optimisers):
        loss = nn.mean_squared_error([model([x]) for x in (-1.0, 0.0, 1.0)], [1.0, 0.0, 1.0])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
