"""An optimiser class whose step() first sets the gradients to 0."""
# cause: zeroed-before-step
from engine import Value

class SGD:
    def __init__(self, params, lr):
        self.params = params
        self.lr = lr
    def step(self):
        for p in self.params:
            p.grad = 0.0
        for p in self.params:
            p.data -= self.lr * p.grad

x, y = [1.0, 2.0, 3.0], [3.0, 5.0, 7.0]
m, c = Value(0.0), Value(0.0)
optim = SGD([m, c], 0.05)
for epoch in range(15):
    loss = sum((m*a + c - t)**2 for a, t in zip(x, y)) / 3
    loss.backward()
    optim.step()
