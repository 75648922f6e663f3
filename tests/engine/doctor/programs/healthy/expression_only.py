"""No training at all: an expression and its gradients."""
from engine import Value, tanh

a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c")
d = tanh((a * b + c) / 5)
d.backward()
print(a.grad, b.grad, c.grad)
