"""No bias."""
# cause: missing-bias
from engine import Value
xs = [0.0, 0.5, 1.0, 1.5, 2.0, 2.5]
ys = [2 * x + 10 for x in xs]
w = Value(0.3, "w")
# missing: b = Value(0.0, "b")
for i in range(200):
    loss = sum((w * x - y) ** 2 for x, y in zip(xs, ys)) / len(xs)  # right: loss = sum((w * x + b - y) ** 2 for x, y in zip(xs, ys)) / len(xs)
    w.grad = 0.0
    # missing: b.grad = 0.0
    loss.backward()
    w.data -= 0.1 * w.grad
    # missing: b.data -= 0.1 * b.grad
    if i % 50 == 0: print(i, loss.data, w.data)
