"""The prediction is rounded before it is compared."""
# cause: unreached-parameter
from engine import Value

w, b = Value(0.8, "w"), Value(0.1, "b")
for epoch in range(12):
    loss = Value(0.0)
    for x, label in [(0.2, 0), (0.4, 0), (0.9, 1), (1.3, 1)]:
        prob = (w * x + b).sigmoid()
        guess = Value(round(prob.data))  # right: guess = prob
        loss += (guess - label) ** 2
    w.grad = b.grad = 0.0
    loss.backward()
    w.data -= 0.1 * w.grad
    b.data -= 0.1 * b.grad
