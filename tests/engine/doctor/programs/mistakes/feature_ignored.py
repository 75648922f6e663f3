"""Feature ignored."""
# cause: length-mismatch
import random
from engine import Value
random.seed(33)
X = [[random.gauss(0, 1) for _ in range(3)] for _ in range(20)]
y = [x[0] - 2 * x[2] + 0.5 for x in X]
w = [Value(random.gauss(0, 0.1)) for _ in range(2)]  # right: w = [Value(random.gauss(0, 0.1)) for _ in range(3)]
b = Value(0.0)
def predict(x):
    return sum((wi * xi for wi, xi in zip(w, x)), b)
for epoch in range(60):
    loss = sum((predict(x) - t) ** 2 for x, t in zip(X, y)) / len(X)
    for p in w + [b]: p.grad = 0.0
    loss.backward()
    for p in w + [b]: p.data -= 0.1 * p.grad
print(loss.data)
