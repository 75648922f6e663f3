"""The output goes through sign, whose slope is 0."""
# cause: zero-slope
from engine import Value, sign

w1, w2, bias = Value(0.4, "w1"), Value(-0.3, "w2"), Value(0.1, "bias")
gate = [((0.0, 0.0), -1.0), ((0.0, 1.0), 1.0), ((1.0, 0.0), 1.0), ((1.0, 1.0), 1.0)]
params = (w1, w2, bias)
for epoch in range(12):
    loss = sum((sign(w1 * a + w2 * b + bias) - t) ** 2 for (a, b), t in gate)  # right: loss = sum(((w1 * a + w2 * b + bias).tanh() - t) ** 2 for (a, b), t in gate)
    for p in params:
        p.grad = 0.0
    loss.backward()
    for p in params:
        p.data -= 0.1 * p.grad
