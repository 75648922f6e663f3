"""A root of cos(x) - x by minimising its square."""
from engine import Value, cos
x = Value(0.2, "x")
for _ in range(25):
    f = cos(x) - x
    loss = f*f
    loss.zero_grad()
    loss.backward()
    x.data -= 0.1*x.grad
print(x.data)
