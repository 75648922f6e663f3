"""exp() of scores in the thousands is too large."""
# cause: overflow
from engine import Value, exp, log

w = [Value(300.0), Value(-200.0)]
for _ in range(3):
    scores = [wi * 4.0 for wi in w]
    powers = [exp(s) for s in scores]
    loss = -log(powers[0] / sum(powers))
    for p in w:
        p.grad = 0.0
    loss.backward()
    for p in w:
        p.data -= 0.1 * p.grad
