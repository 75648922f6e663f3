"""The step is so long that it ends higher up on the other side of the valley."""

from engine import Value, diagnose

w, x = Value(3.0, "w"), Value(2.0, "x")
parameters = [w]
losses = []
for _ in range(4):
    loss = (w * x - 1.0) ** 2
    losses.append(loss.data)
    w.grad = 0.0
    loss.backward()
    w.data -= 0.5 * w.grad  # the mistake: 0.5 is too large here

found = diagnose(loss, parameters, history=losses)
print(found)
assert found.codes == ["rate-too-large"]
assert "a smaller step in the same direction lowers it" in str(found)
