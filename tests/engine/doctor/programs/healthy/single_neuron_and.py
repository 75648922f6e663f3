"""AND by one neuron, as in every introduction."""
from engine import Value

w1, w2, b = Value(0.1, "w1"), Value(0.1, "w2"), Value(0.0, "b")
for epoch in range(30):
    for x1, x2, t in [(0, 0, 0), (0, 1, 0), (1, 0, 0), (1, 1, 1)]:
        out = (w1 * x1 + w2 * x2 + b).sigmoid()
        loss = 0.5 * (t - out) ** 2
        loss.zero_grad()
        loss.backward()
        for p in (w1, w2, b):
            p.data -= 1.0 * p.grad
