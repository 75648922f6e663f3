"""The loss applies softmax itself, but gets probabilities."""
# cause: probabilities-as-scores
import nn

nn.manual_seed(0)
model = nn.MLP(2, [4, 3], activation="tanh")
opt = nn.Adam(model.parameters(), lr=0.05)
X = [[0.0, 1.0], [1.0, 0.0], [1.0, 1.0], [0.2, 0.1]]
Y = [0, 1, 2, 1]
for step in range(15):
    probs = [nn.softmax(model(x)) for x in X]  # right: probs = [model(x) for x in X]
    loss = nn.cross_entropy(probs, Y)
    opt.zero_grad()
    loss.backward()
    opt.step()
