"""Skip connections."""
import nn

nn.manual_seed(6)
first, second, out = nn.Layer(2, 2, "tanh", "first"), nn.Layer(2, 2, "tanh", "second"), nn.Neuron(2)
opt = nn.Adam([*first.parameters(), *second.parameters(), *out.parameters()], lr=0.02)
for epoch in range(15):
    outputs = []
    for x in ([0.1, 0.9], [0.8, 0.3], [0.5, 0.5]):
        h = [a + b for a, b in zip(x, first(x))]
        h = [a + b for a, b in zip(h, second(h))]
        outputs.append(out(h))
    loss = nn.mean_squared_error(outputs, [0.7, 0.2, 0.4])
    opt.zero_grad()
    loss.backward()
    opt.step()
