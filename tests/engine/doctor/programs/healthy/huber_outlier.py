"""One target is far away; the loss is robust."""
import nn

nn.manual_seed(1)
line = nn.Neuron(1)
opt = nn.SGD(line.parameters(), lr=0.2)
for _ in range(25):
    loss = nn.huber([line([x]) for x in (0.0, 0.5, 1.0, 1.5)], [0.0, 1.0, 2.0, 40.0])
    opt.zero_grad()
    loss.backward()
    opt.step()
