"""The penalty is subtracted, so the weights grow for ever."""
# cause: negated-loss
from engine import Value
w, b = Value(0.5), Value(0.1)
for i in range(25):
    loss = ((w*1.0 + b - 2.0)**2 + (w*2.0 + b - 3.0)**2)/2 - 5.0*(w*w + b*b)
    w.grad = b.grad = 0.0
    loss.backward()
    w.data -= 0.05*w.grad
    b.data -= 0.05*b.grad
