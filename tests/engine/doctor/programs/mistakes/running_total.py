"""The running total of all losses is differentiated instead of the last one."""
# cause: growing-loss
import nn

nn.manual_seed(6)
model = nn.MLP(1, [3, 1], activation="tanh")
opt = nn.SGD(model.parameters(), lr=0.02)
running = 0
for epoch in range(8):
    # missing: running = 0
    running += nn.mean_squared_error([model([x]) for x in (-1.0, 0.0, 1.0)], [1.0, 0.0, 1.0])
    opt.zero_grad()
    running.backward()
    opt.step()
