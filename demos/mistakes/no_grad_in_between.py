"""A part of the forward pass runs inside no_grad(), so its operands are not recorded."""

from engine import Value, diagnose, no_grad

w, v = Value(3.0, "w"), Value(2.0, "v")
parameters = [w, v]
with no_grad():  # the mistake
    h = w * 2.0
h.label = "h"
loss = (h * v - 1.0) ** 2
loss.backward()

found = diagnose(loss, parameters)
print(found)
assert found.codes == ["unreached-parameter"]
assert "h was computed inside no_grad()" in str(found)
