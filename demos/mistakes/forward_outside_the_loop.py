"""The loss is computed once, before the loop, so the later gradients belong to numbers that are gone."""

from engine import Value, Watch

w, b = Value(0.5, "w"), Value(0.0, "b")
with Watch() as watch:
    loss = sum((w * x + b - y) ** 2 for x, y in [(1.0, 3.0), (2.0, 5.0)])  # the mistake: it belongs into the loop
    for _ in range(10):
        w.grad = b.grad = 0.0
        loss.backward()
        w.data -= 0.01 * w.grad
        b.data -= 0.01 * b.grad

found = watch.diagnose()
print(found)
assert found.codes[0] == "fixed-graph"
assert "loss is computed once and never again" in str(found)
