"""Easy samples first, all of them later."""
import nn

nn.manual_seed(6)
easy = [([0.0, 0.0], 0.0), ([1.0, 1.0], 1.0)]
hard = [([0.4, 0.6], 0.4), ([0.6, 0.5], 0.6)]
model = nn.MLP(2, [4, 1], activation="tanh")
opt = nn.SGD(model.parameters(), lr=0.2)
for epoch in range(20):
    samples = easy if epoch < 8 else easy + hard
    loss = sum((model(x) - y) ** 2 for x, y in samples) / len(samples)
    opt.zero_grad()
    loss.backward()
    opt.step()
