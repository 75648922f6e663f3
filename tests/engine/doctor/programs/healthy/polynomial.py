"""A polynomial is fitted; powers of x are numbers."""
from engine import Value

c = [Value(0.0, f"c{i}") for i in range(4)]
xs = [i / 5 - 1 for i in range(11)]
for _ in range(40):
    loss = sum((sum(ci * x**i for i, ci in enumerate(c)) - (x**3 - x)) ** 2 for x in xs) / len(xs)
    for p in c:
        p.grad = 0.0
    loss.backward()
    for p in c:
        p.data -= 0.3 * p.grad
