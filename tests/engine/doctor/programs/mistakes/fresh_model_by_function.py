"""A function that makes the model is called in each epoch."""
# cause: rebuilt-model
from engine import Value


def build():
    return {"w": Value(0.3), "b": Value(0.1)}


data = [(1.0, 2.0), (2.0, 3.5), (3.0, 5.0)]
params = build()
for epoch in range(12):
    params = build()  # right:
    loss = sum((params["w"] * x + params["b"] - y) ** 2 for x, y in data) / 3
    for p in params.values():
        p.grad = 0.0
    loss.backward()
    for p in params.values():
        p.data -= 0.05 * p.grad
