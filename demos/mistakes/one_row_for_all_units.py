"""[row] * 3 is one row three times, so the three units share their weights."""

from engine import Value, Watch

rows = [[Value(0.5), Value(-0.3)]] * 3  # the mistake
outs = [Value(0.2), Value(-0.4), Value(0.7)]
parameters = [p for row in rows for p in row] + outs
with Watch() as watch:
    for _ in range(10):
        loss = 0
        for x, y in [((0.0, 1.0), 1.0), ((1.0, 0.0), 1.0), ((1.0, 1.0), 0.0)]:
            hidden = [(row[0] * x[0] + row[1] * x[1]).tanh() for row in rows]
            loss = loss + (sum(out * h for out, h in zip(outs, hidden, strict=True)) - y) ** 2
        for p in parameters:
            p.grad = 0.0
        loss.backward()
        for p in parameters:
            p.data -= 0.05 * p.grad

found = watch.diagnose()
print(found)
assert found.codes[0] == "shared-parameter"
assert "rows holds one and the same list 3 times" in str(found)
