"""backward() is called twice on one loss, so the gradients of the leaves are doubled."""

from engine import Value, diagnose

w = Value(3.0, "w")
loss = (w * 2.0 - 1.0) ** 2
loss.backward()
loss.backward()  # the mistake

found = diagnose(loss, [w])
print(found)
assert found.codes == ["backward-twice"]
assert "called twice" in str(found)
