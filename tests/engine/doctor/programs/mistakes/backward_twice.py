"""backward() is called for each sample, and again for their sum."""
# cause: backward-twice
from engine import Value

w = Value(0.5)
data = [(1.0, 2.0), (2.0, 4.0)]
for _ in range(10):
    w.grad = 0.0
    total = Value(0.0)
    for x, y in data:
        loss = (w * x - y) ** 2
        loss.backward()  # right:
        total = total + loss
    total.backward()
    w.data -= 0.02 * w.grad
