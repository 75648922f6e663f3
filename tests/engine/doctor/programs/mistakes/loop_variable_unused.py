"""The loop goes over the samples, but always predicts the first."""
# cause: unused-samples
from engine import Value

w, b = Value(0.1, "w"), Value(0.0, "b")
X, Y = [1.0, 2.0, 3.0, 4.0], [2.0, 4.0, 6.0, 8.0]
for epoch in range(15):
    loss = 0
    for x, y in zip(X, Y):
        loss = loss + (w * X[0] + b - y) ** 2  # right: loss = loss + (w * x + b - y) ** 2
    loss = loss / len(X)
    w.grad = b.grad = 0.0
    loss.backward()
    w.data -= 0.05 * w.grad
    b.data -= 0.05 * b.grad
