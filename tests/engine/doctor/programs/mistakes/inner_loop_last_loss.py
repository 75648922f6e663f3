"""Only the loss of the last batch is differentiated, once an epoch."""
# cause: unused-samples
from engine import Value

w, b = Value(0.2), Value(0.1)
X, Y = [0.5, 1.0, 1.5, 2.0, 2.5, 3.0], [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
for epoch in range(12):
    for x, y in zip(X, Y):
        prediction = w * x + b
        loss = (prediction - y) ** 2
    # missing: loss = sum((w * x + b - y) ** 2 for x, y in zip(X, Y)) / len(X)
    w.grad = b.grad = 0.0
    loss.backward()
    w.data -= 0.02 * w.grad
    b.data -= 0.02 * b.grad
