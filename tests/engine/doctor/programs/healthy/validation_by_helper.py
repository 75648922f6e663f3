"""The same helper computes the training and the validation loss."""
from engine import Value

w, b = Value(0.1), Value(0.0)
train = [(0.0, 1.0), (1.0, 2.9), (2.0, 5.1), (3.0, 7.0)]
held_out = [(0.5, 2.0), (1.5, 4.0), (2.5, 6.0)]


def mse(pairs):
    return sum((w * x + b - y) ** 2 for x, y in pairs) / len(pairs)


for epoch in range(25):
    loss = mse(train)
    w.grad = b.grad = 0.0
    loss.backward()
    w.data -= 0.05 * w.grad
    b.data -= 0.05 * b.grad
    if epoch % 5 == 0:
        print(epoch, loss.data, mse(held_out).data)
