"""Perceptron-like learning, one sample a step, stops when all are right."""
from engine import Value

w, b = [Value(0.0), Value(0.0)], Value(0.0)
data = [((2.0, 1.0), 1), ((1.0, 3.0), 1), ((-1.0, -0.5), -1), ((-2.0, 0.3), -1)]
for epoch in range(20):
    wrong = 0
    for x, y in data:
        score = w[0] * x[0] + w[1] * x[1] + b
        if y * score.data <= 0:
            wrong += 1
            loss = -y * score
            for p in (*w, b):
                p.grad = 0.0
            loss.backward()
            for p in (*w, b):
                p.data -= 1.0 * p.grad
    if not wrong:
        break
