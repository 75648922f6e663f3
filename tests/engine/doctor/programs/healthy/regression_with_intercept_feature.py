"""A constant feature of 1 stands for the intercept."""
from engine import Value
theta = [Value(0.0), Value(0.0), Value(0.0)]
rows = [([1, 0.2, 0.3], 1.1), ([1, 0.8, 0.1], 2.0), ([1, 0.5, 0.9], 0.4), ([1, 0.1, 0.6], 0.5)]
for it in range(50):
    J = sum((sum(t*x for t, x in zip(theta, xs)) - y)**2 for xs, y in rows) / (2*len(rows))
    for t in theta: t.grad = 0.0
    J.backward()
    for t in theta: t.data -= 0.5*t.grad
