"""A log-likelihood is maximised by ascent."""
from engine import Value, log

theta = Value(0.3)
flips = [1, 1, 0, 1, 1, 1, 0, 1]
for _ in range(20):
    log_likelihood = sum(log(theta) if f else log(1 - theta) for f in flips) / len(flips)
    theta.grad = 0.0
    log_likelihood.backward()
    theta.data += 0.02 * theta.grad
print(theta.data)
