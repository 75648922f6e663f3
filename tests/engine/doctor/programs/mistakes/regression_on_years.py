"""The inputs are years, so a usual learning rate diverges."""
# cause: inputs-not-scaled
from engine import Value

years = [2000.0, 2005.0, 2010.0, 2015.0, 2020.0]  # right: years = [-1.4, -0.7, 0.0, 0.7, 1.4]
people = [6.1, 6.5, 7.0, 7.4, 7.8]
k, d = Value(0.0), Value(0.0)
for _ in range(8):
    loss = sum((k * t + d - n) ** 2 for t, n in zip(years, people)) / len(years)
    k.grad = d.grad = 0
    loss.backward()
    k.data -= 0.01 * k.grad
    d.data -= 0.01 * d.grad
    print(loss.data)
