"""The update binds the name w to a new node, so that the graph grows from step to step."""

from engine import Value, Watch

w = Value(0.5, "w")
with Watch() as watch:
    for _ in range(10):
        loss = (w * 2.0 - 3.0) ** 2
        loss.zero_grad()
        loss.backward()
        w = w - 0.05 * w.grad  # the mistake: w.data = w.data - 0.05 * w.grad

found = watch.diagnose()
print(found)
assert found.codes == ["rebound-parameter"]
assert "the graph grows at each step" in str(found)
