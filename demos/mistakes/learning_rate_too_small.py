"""The steps are so short that the loss hardly changes."""

from engine import Value, diagnose

w, x = Value(3.0, "w"), Value(2.0, "x")
parameters = [w]
losses = []
for _ in range(20):
    loss = (w * x - 1.0) ** 2
    losses.append(loss.data)
    w.grad = 0.0
    loss.backward()
    w.data -= 1e-7 * w.grad  # the mistake

found = diagnose(loss, parameters, history=losses)
print(found)
assert found.codes == ["rate-too-small"]
assert "the loss hardly moves" in str(found)
