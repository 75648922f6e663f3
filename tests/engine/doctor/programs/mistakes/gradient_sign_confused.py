"""weights += -lr * -grad."""
# cause: wrong-sign
from engine import Value

w, b = Value(-0.5), Value(0.5)
for i in range(10):
    loss = ((w*0.5 + b - 1.0)**2 + (w*2.0 + b - 3.0)**2) / 2
    w.grad, b.grad = 0.0, 0.0
    loss.backward()
    w.data += -0.05 * -w.grad
    b.data += -0.05 * -b.grad
