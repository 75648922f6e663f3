"""The weights are replaced by computed nodes in a list."""
# cause: rebound-parameter
from engine import Value

weights = [Value(0.1), Value(-0.4), Value(0.2)]
table = [([1.0, 2.0, -1.0], 0.5), ([0.0, 1.0, 1.0], -0.5), ([2.0, -1.0, 0.5], 1.0)]
for epoch in range(12):
    loss = sum((sum(w * x for w, x in zip(weights, xs)) - t) ** 2 for xs, t in table)
    for w in weights:
        w.grad = 0.0
    loss.backward()
    weights = [w - 0.03 * w.grad for w in weights]  # right: for w in weights: w.data -= 0.03 * w.grad
