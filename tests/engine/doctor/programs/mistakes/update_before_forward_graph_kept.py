"""The parameters are changed in the middle of the forward pass."""
# cause: updated-before-backward
from engine import Value

w, b = Value(0.5), Value(0.1)
w.grad = b.grad = 0.0
for i in range(12):
    pred = [w*x + b for x in (1.0, 2.0, 3.0)]
    loss = sum((p - t)**2 for p, t in zip(pred, (2.0, 4.0, 6.0))) / 3
    for p in (w, b):
        p.data -= 0.05*p.grad
        p.grad = 0.0
    loss.backward()
