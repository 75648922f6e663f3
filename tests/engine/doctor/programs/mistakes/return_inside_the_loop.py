"""return is indented too far, so that only the first sample counts."""
# cause: unused-samples
import nn


def mean_loss(model, inputs, targets):
    total = 0
    for x, y in zip(inputs, targets):
        total = total + (model(x) - y) ** 2
        return total / len(inputs)  # right:
    # missing: return total / len(inputs)


def train():
    nn.manual_seed(3)
    model = nn.MLP(2, [3, 1], activation="tanh")
    optimiser = nn.SGD(model.parameters(), lr=0.1)
    inputs, targets = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0.0, 1.0, 1.0, 0.0]
    for _ in range(15):
        loss = mean_loss(model, inputs, targets)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()


train()
