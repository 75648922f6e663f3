"""A float() between the weight and the loss cuts the graph."""

from engine import Value, diagnose

w = Value(3.0, "w")
parameters = [w]
h = w * 2.0
h.label = "h"
loss = (Value(float(h), "cut") - 1.0) ** 2  # the mistake
loss.backward()

found = diagnose(loss, parameters, variables=globals())
print(found)
assert found.codes == ["unreached-parameter"]
assert "h was computed from w, but the loss was computed from another node with the same number" in str(found)
