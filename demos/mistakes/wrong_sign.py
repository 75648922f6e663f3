"""The update adds the gradient, so it goes uphill."""

from engine import Value, diagnose

w, x = Value(3.0, "w"), Value(2.0, "x")
loss = (w * x - 1.0) ** 2
loss.backward()
w.data += 0.01 * w.grad  # the mistake

found = diagnose(loss, [w])
print(found)
assert found.codes == ["wrong-sign"]
assert "went up the gradient" in str(found)
