"""The gradients of four micro-batches are added up on purpose."""
import nn

nn.manual_seed(3)
model = nn.MLP(2, [3, 1], activation="tanh")
opt = nn.SGD(model.parameters(), lr=0.1)
micro = [([0.0, 0.0], 0.0), ([0.0, 1.0], 1.0), ([1.0, 0.0], 1.0), ([1.0, 1.0], 1.0)]
for epoch in range(12):
    opt.zero_grad()
    for x, y in micro:
        loss = (model(x) - y) ** 2 / len(micro)
        loss.backward()
    opt.step()
