"""The inputs are shuffled, their targets are not."""

import random

from engine import Value, Watch

random.seed(0)
inputs = [i / 10 for i in range(10)]
targets = [2.0 * x + 1.0 for x in inputs]
w, b = Value(0.0, "w"), Value(0.0, "b")
with Watch() as watch:
    for _ in range(3):
        random.shuffle(inputs)  # the mistake: shuffle the pairs
        for x, y in zip(inputs, targets, strict=True):
            loss = (w * x + b - y) ** 2
            loss.zero_grad()
            loss.backward()
            w.data -= 0.1 * w.grad
            b.data -= 0.1 * b.grad

found = watch.diagnose()
print(found)
assert found.codes == ["shuffled-apart"]
assert "the same input comes with different targets" in str(found)
