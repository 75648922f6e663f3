"""Adam on a small regression, with batches by nn.data."""
import nn

nn.manual_seed(0)
data = nn.data.Dataset([[i / 10] for i in range(20)], [(i / 10) ** 2 for i in range(20)], "regression")
model = nn.MLP(1, [6, 1], activation="tanh")
opt = nn.Adam(model.parameters(), lr=0.02)
for epoch in range(8):
    for xs, ys in data.batches(5, seed=epoch):
        loss = nn.mean_squared_error([model(x) for x in xs], ys)
        opt.zero_grad()
        loss.backward()
        opt.step()
