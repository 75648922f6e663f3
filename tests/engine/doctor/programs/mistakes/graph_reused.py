"""The graph is recorded once; later only the inputs' numbers are changed."""
# cause: fixed-graph
from engine import Value

x, y = Value(0.0, "x"), Value(0.0, "y")
w = Value(0.5, "w")
loss = (w * x - y) ** 2
for x_i, y_i in [(1.0, 2.0), (2.0, 4.0), (3.0, 6.0)] * 4:
    x.data, y.data = x_i, y_i
    # missing: loss = (w * x - y) ** 2
    w.grad = 0.0
    loss.backward()
    w.data -= 0.05 * w.grad
