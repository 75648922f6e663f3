"""Programs of users, for the command to run."""

PROGRAM = """
from engine import Value
a, b = Value(2.0), Value(3.0)
c = a * b
d = c.tanh()
n = 5
w = [Value(1.0), Value(2.0, "second")]
"""
TRAINING = """
from engine import Value
w, b, x = [Value(3.0)], Value(0.5), 2.0
parameters, losses = [*w, b], []
for step in range(3):
    loss = (w[0] * x + b - 1.0) ** 2
    losses.append(loss.data)
    loss.zero_grad()
    loss.backward()
    for p in parameters:
        p.data -= 0.05 * p.grad
"""
OPERATIONS = """
import engine
engine.register("cube", lambda x: x * x * x, lambda x, out: (3.0 * x * x,))
"""
