"""The loss is a sum over many samples instead of their mean, so that a usual learning rate is far too large."""

from engine import Value, Watch

w, b = Value(0.0, "w"), Value(0.0, "b")
samples = [(i / 10 - 1.0, 3.0 * (i / 10 - 1.0) + 1.0) for i in range(21)]
with Watch() as watch:
    for _ in range(10):
        loss = sum((w * x + b - y) ** 2 for x, y in samples)  # the mistake: / len(samples)
        loss.zero_grad()
        loss.backward()
        w.data -= 0.1 * w.grad
        b.data -= 0.1 * b.grad

found = watch.diagnose()
print(found)
assert found.codes == ["sum-not-mean"]
assert "a sum over 21 samples, not their mean" in str(found)
