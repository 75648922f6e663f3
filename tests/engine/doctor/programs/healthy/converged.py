"""Training goes on although the minimum is reached."""
from engine import Value

w = Value(0.0, "w")
losses = []
for _ in range(40):
    loss = (w * 2.0 - 3.0) ** 2 + 1.0
    w.grad = 0.0
    loss.backward()
    w.data -= 0.1 * w.grad
    losses.append(loss.data)
