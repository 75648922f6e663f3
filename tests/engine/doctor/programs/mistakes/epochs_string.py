"""The while condition is false from the beginning."""
# cause: never-trained
from engine import Value
w = Value(0.5)
error = 100.0
while error < 0.01:
    loss = (w*2.0 - 3.0)**2
    w.grad = 0.0
    loss.backward()
    w.data -= 0.1*w.grad
    error = loss.data
print(w.data)
