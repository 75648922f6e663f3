"""The gradients are set back once, before the loop."""
# cause: stale-gradients
from engine import Value, exp

alpha, beta = Value(1.0), Value(-0.5)
obs = [(0.0, 1.0), (0.5, 0.7), (1.0, 0.5), (2.0, 0.2)]
alpha.grad = beta.grad = 0.0
step = 0
while step < 20:
    residuals = [alpha * exp(beta * t) - v for t, v in obs]
    objective = sum(r * r for r in residuals) / len(residuals)
    # missing: alpha.grad = beta.grad = 0.0
    objective.backward()
    alpha.data -= 0.1 * alpha.grad
    beta.data -= 0.1 * beta.grad
    step += 1
