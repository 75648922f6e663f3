"""Half of cross entropy."""
# cause: one-sided-entropy
from engine import Value, sigmoid, log
import random
random.seed(1)
X = [random.gauss(0, 1) for _ in range(30)]
Y = [1 if x + random.gauss(0, 0.3) > 0.2 else 0 for x in X]
w, b = Value(0.0), Value(0.0)
for epoch in range(60):
    total = 0
    for x, y in zip(X, Y):
        p = sigmoid(w * x + b)
        total = total - y * log(p)  # right: total = total - (y * log(p) + (1 - y) * log(1 - p))
    loss = total / len(X)
    w.grad, b.grad = 0, 0
    loss.backward()
    w.data, b.data = w.data - 0.5 * w.grad, b.data - 0.5 * b.grad
print(loss.data, w.data, b.data)
