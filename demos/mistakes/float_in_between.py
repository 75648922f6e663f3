"""A float() stands between the weight and the loss: the graph is cut there."""

from engine import Value, diagnose

w = Value(3.0, "w")
parameters = [w]
h = w * 2.0
h.label = "h"
loss = (Value(float(h), "cut") - 1.0) ** 2  # the mistake
loss.backward()

found = diagnose(loss, parameters)
print(found)
assert found.codes == ["unreached-parameter"]
assert "h was computed from w, and the graph goes on from another node with the same number" in str(found)
