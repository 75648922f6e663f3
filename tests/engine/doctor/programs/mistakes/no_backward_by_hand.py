"""backward() is missing in a loop of one's own."""
# cause: no-backward
from engine import Value

p, q = Value(0.2), Value(0.4)
p.grad = q.grad = 0.0
for it in range(12):
    loss = (p * 2.0 + q - 3.0) ** 2 + (p - q) ** 2
    p.grad, q.grad = 0.0, 0.0
    # missing: loss.backward()
    p.data -= 0.05 * p.grad
    q.data -= 0.05 * q.grad
print(loss.data)
