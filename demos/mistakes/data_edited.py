"""A number is changed between the forward and the backward pass, so the local gradients belong to the old number."""

from engine import Value, diagnose

w, x = Value(3.0, "w"), Value(2.0, "x")
loss = (w * x - 1.0) ** 2
w.data = 5.0  # the mistake

found = diagnose(loss, [w])
print(found)
assert found.codes == ["edited-data"]
assert "computed with 3; now .data is 5" in str(found)
