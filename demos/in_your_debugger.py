"""A small expression to step through in a debugger; see in_your_debugger.md."""

from engine import Value, tanh

a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(5.0, "c")
d = a * b + c
d.label = "d"
e = tanh(d)
e.label = "e"
e.backward(stop_at="d")
print(a)
