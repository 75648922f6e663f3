"""A mean is estimated: there are no inputs."""
from engine import Value

mu = Value(0.0, "mu")
data = [2.0, 2.5, 1.5, 2.2]
for _ in range(30):
    loss = sum((mu - d) ** 2 for d in data) / len(data)
    mu.grad = 0.0
    loss.backward()
    mu.data -= 0.2 * mu.grad
