"""The parentheses of step are missing."""
# cause: no-step
import nn

nn.manual_seed(5)
m = nn.MLP(2, [3, 1], activation="tanh")
o = nn.Adam(m.parameters(), lr=0.01)


def run(epochs):
    for _ in range(epochs):
        loss = nn.mean_squared_error([m(x) for x in [[0, 1], [1, 0], [1, 1]]], [1, 1, 0])
        o.zero_grad()
        loss.backward()
        o.step  # right: o.step()


run(12)
