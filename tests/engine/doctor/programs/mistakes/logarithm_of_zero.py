"""A probability becomes 0, and its logarithm has no value."""
# cause: logarithm-of-zero
from engine import Value, log, sigmoid

w, b = Value(30.0), Value(0.0)
data = [(2.0, 0), (-1.0, 0), (1.0, 1)]
for _ in range(5):
    loss = 0
    for x, y in data:
        p = sigmoid(w * x + b)
        loss = loss - (y * log(p) + (1 - y) * log(1 - p))  # right: loss = loss + ((w * x + b).softplus() - y * (w * x + b))
    w.grad = b.grad = 0
    loss.backward()
    w.data -= 0.1 * w.grad
    b.data -= 0.1 * b.grad
