"""A relative of error_not_squared.py."""
from engine import Value
hours = [1.0, 2.0, 3.0, 4.0, 5.0]
marks = [2.1, 3.9, 6.2, 7.8, 10.1]
w, b = Value(1.0), Value(0.0)
for epoch in range(50):
    loss = 0
    for h, m in zip(hours, marks):
        error = w * h + b - m
        loss = loss + abs(error)
    loss = loss / 5
    w.grad = 0; b.grad = 0
    loss.backward()
    w.data -= 0.01 * w.grad
    b.data -= 0.01 * b.grad
    print(loss.data)
