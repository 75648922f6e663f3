"""micrograd's demonstration: hinge loss, a penalty, a falling learning rate."""
import nn

nn.manual_seed(1)
moons = nn.data.moons(24, noise=0.1)
X, y = moons.inputs, [2 * t - 1 for t in moons.targets]
model = nn.MLP(2, [6, 6, 1], activation="relu")
for k in range(20):
    scores = [model(x) for x in X]
    losses = [(1 + -yi * s).relu() for yi, s in zip(y, scores)]
    data_loss = sum(losses) * (1.0 / len(losses))
    reg_loss = 1e-4 * sum(p * p for p in model.parameters())
    total_loss = data_loss + reg_loss
    accuracy = sum((yi > 0) == (s.data > 0) for yi, s in zip(y, scores)) / len(y)
    model.zero_grad()
    total_loss.backward()
    learning_rate = 1.0 - 0.9 * k / 100
    for p in model.parameters():
        p.data -= learning_rate * p.grad
print(accuracy)
