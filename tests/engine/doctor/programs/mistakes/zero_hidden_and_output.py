"""A class with all weights at 0 and sigmoids."""
# cause: zero-weights
from engine import Value


class Net:
    def __init__(self, hidden):
        self.w = [[Value(0.0), Value(0.0)] for _ in range(hidden)]
        self.v = [Value(0.1) for _ in range(hidden)]

    def __call__(self, x):
        return sum(v * (r[0] * x[0] + r[1] * x[1]).sigmoid() for v, r in zip(self.v, self.w))

    def parameters(self):
        return [p for r in self.w for p in r] + self.v


net = Net(3)
for _ in range(15):
    loss = sum((net(x) - y) ** 2 for x, y in [((0.1, 0.9), 1.0), ((0.8, 0.4), 0.0), ((0.5, 0.5), 0.3)]) / 3
    for p in net.parameters():
        p.grad = 0
    loss.backward()
    for p in net.parameters():
        p.data -= 0.5 * p.grad
