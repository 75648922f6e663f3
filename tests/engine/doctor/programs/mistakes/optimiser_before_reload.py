"""The optimiser holds the parameters of the model before it was made again."""
# cause: other-parameters
import copy

import nn

nn.manual_seed(17)
model = nn.MLP(2, [3, 1], activation="tanh")
opt = nn.Adam(model.parameters(), lr=0.05)
model = copy.deepcopy(model)
# missing: opt = nn.Adam(model.parameters(), lr=0.05)
for epoch in range(12):
    loss = nn.mean_squared_error([model(x) for x in ([0.2, 0.1], [0.7, 0.9])], [0.0, 1.0])
    opt.zero_grad()
    loss.backward()
    opt.step()
