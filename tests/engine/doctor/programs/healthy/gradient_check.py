"""The gradients are compared with differences; nothing is trained."""
from engine import Value, tanh

w, x = Value(0.4, "w"), 1.5


def f(number):
    return tanh(Value(number) * x) ** 2


y = tanh(w * x) ** 2
y.backward()
h = 1e-5
print(w.grad, (f(0.4 + h).data - f(0.4 - h).data) / (2 * h))
