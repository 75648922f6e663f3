"""One-hot targets for three outputs."""
import random

import nn

nn.manual_seed(5)
random.seed(5)
iris = nn.data.iris().standardised()
rows = random.sample(list(zip(iris.inputs, iris.targets)), 24)
model = nn.MLP(4, [5, 3], activation="tanh")
opt = nn.Adam(model.parameters(), lr=0.03)
for epoch in range(8):
    loss = nn.mean_squared_error([model(x) for x, _ in rows], [[float(c == y) for c in range(3)] for _, y in rows])
    opt.zero_grad()
    loss.backward()
    opt.step()
