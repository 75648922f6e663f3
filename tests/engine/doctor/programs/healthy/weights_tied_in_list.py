"""The same cell is applied three times, by a list."""
import nn

nn.manual_seed(7)
cell = nn.Layer(2, 2, "tanh", "cell")
steps = [cell] * 3
out = nn.Neuron(2)
opt = nn.SGD(cell.parameters() + out.parameters(), lr=0.1)
for epoch in range(15):
    outputs = []
    for x in ([0.1, 0.9], [0.8, 0.3], [0.4, 0.6]):
        for step in steps:
            x = step(x)
        outputs.append(out(x))
    loss = nn.mean_squared_error(outputs, [0.3, -0.2, 0.1])
    opt.zero_grad()
    loss.backward()
    opt.step()
