"""The loss compares the chosen class, a plain number, with the target."""
# cause: unreached-parameter
import nn
from engine import Value

nn.manual_seed(0)
model = nn.MLP(2, [4, 3], activation="tanh")
opt = nn.SGD(model.parameters(), lr=0.1)
X = [[0.1, 0.9], [0.8, 0.3], [0.5, 0.5]]
Y = [0, 1, 2]
for epoch in range(12):
    loss = Value(0.0)
    for x, y in zip(X, Y):
        scores = model(x)
        guess = max(range(3), key=lambda i: scores[i].data)
        loss = loss + Value(abs(guess - y))  # right: loss = loss + nn.cross_entropy(scores, y)
    opt.zero_grad()
    loss.backward()
    opt.step()
