"""=- in place of -= throws the old number away."""
# cause: update-assigned
from engine import Value

w, b = Value(0.5, "w"), Value(0.1, "b")
for step in range(15):
    loss = sum((w * x + b - 2 * x) ** 2 for x in (1.0, 2.0, 3.0)) / 3
    w.grad = b.grad = 0
    loss.backward()
    w.data =- 0.05 * w.grad  # right: w.data -= 0.05 * w.grad
    b.data =- 0.05 * b.grad  # right: b.data -= 0.05 * b.grad
