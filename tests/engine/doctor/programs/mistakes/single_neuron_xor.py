"""Single neuron xor."""
# cause: linear-network
from engine import Value, sigmoid
w1, w2, b = Value(0.3), Value(-0.2), Value(0.0)
table = [((0, 0), 0), ((0, 1), 1), ((1, 0), 1), ((1, 1), 0)]  # right: table = [((0, 0), 0), ((0, 1), 1), ((1, 0), 1), ((1, 1), 1)]
for epoch in range(200):
    loss = 0
    for (x1, x2), y in table:
        out = sigmoid(w1 * x1 + w2 * x2 + b)
        loss = loss + (out - y) ** 2
    for p in (w1, w2, b): p.grad = 0
    loss.backward()
    for p in (w1, w2, b): p.data -= 0.5 * p.grad
    if epoch % 40 == 0: print(loss.data)
