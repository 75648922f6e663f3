"""The gradient itself is negated before the update."""

from engine import Value, diagnose

w, x = Value(3.0, "w"), Value(2.0, "x")
parameters = [w]
loss = (w * x - 1.0) ** 2
loss.backward()
w.grad = -w.grad  # the mistake

found = diagnose(loss, parameters)
print(found)
assert "wrong-sign" in found.codes
assert "the gradients have the wrong sign" in str(found)
