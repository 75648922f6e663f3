"""The optimiser gets parameters of a list that was copied deeply."""
# cause: other-parameters
from copy import deepcopy
import nn

nn.manual_seed(4)
model = nn.Sequential(nn.Layer(2, 3, "tanh", "a"), nn.Layer(3, 1, None, "b"))
best_model = deepcopy(model)
opt = nn.Adam(best_model.parameters(), lr=0.03)
for step in range(12):
    loss = nn.mean_squared_error([model(x) for x in ([1.0, 0.0], [0.0, 1.0], [0.5, 0.5])], [1.0, -1.0, 0.0])
    opt.zero_grad()
    loss.backward()
    opt.step()
