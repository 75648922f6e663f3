"""A parameter of a differential equation is fitted: k is used many times."""
from engine import Value

k = Value(0.5, "k")
for epoch in range(20):
    x, v, loss = 1.0, 0.0, 0
    for t, seen in enumerate([0.98, 0.92, 0.82, 0.69]):
        v = v - k * x * 0.2
        x = x + v * 0.2
        loss = loss + (x - seen) ** 2
    k.grad = 0.0
    loss.backward()
    k.data -= 0.5 * k.grad
