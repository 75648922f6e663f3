"""The learning rate is meant in percent."""
# cause: rate-too-large
from engine import Value

LR = 5
a, b, c = Value(0.1), Value(0.1), Value(0.1)
xs = [-1.0, -0.5, 0.0, 0.5, 1.0]
ys = [x*x - x + 1 for x in xs]
for epoch in range(12):
    mse = 0
    for x, y in zip(xs, ys):
        pred = a*x*x + b*x + c
        mse = mse + (pred - y)**2
    mse = mse * (1/len(xs))
    for p in (a, b, c): p.grad = 0
    mse.backward()
    for p in (a, b, c): p.data -= LR * p.grad
    print(mse.data)
