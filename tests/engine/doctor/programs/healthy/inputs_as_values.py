"""Inputs and targets are Values, too; only the weights are trained."""
from engine import Value

X = [Value(1.0, "x0"), Value(2.0, "x1"), Value(-1.0, "x2")]
Y = [Value(3.0, "y0"), Value(5.0, "y1"), Value(-1.0, "y2")]
w, b = Value(0.3, "w"), Value(0.0, "b")
for _ in range(25):
    loss = sum((w * x + b - y) ** 2 for x, y in zip(X, Y)) / 3
    for v in (w, b, *X, *Y):
        v.grad = 0.0
    loss.backward()
    for p in (w, b):
        p.data -= 0.1 * p.grad
