"""A relative of linear_stack.py."""
import random
from engine import Value
random.seed(4)
class Linear:
    def __init__(self, i, o):
        self.w = [[Value(random.gauss(0, 0.6)) for _ in range(i)] for _ in range(o)]
        self.b = [Value(0.0) for _ in range(o)]
    def __call__(self, x):
        return [sum(w * v for w, v in zip(row, x)) + b for row, b in zip(self.w, self.b)]
    def parameters(self):
        return [w for row in self.w for w in row] + self.b
l1, l2 = Linear(2, 8), Linear(8, 1)
def forward(x):
    h = l1(x)
    h = [v.tanh() for v in h]
    return l2(h)[0]
params = l1.parameters() + l2.parameters()
xor = [((0, 0), 0), ((0, 1), 1), ((1, 0), 1), ((1, 1), 0)]
for epoch in range(150):
    loss = sum((forward(x) - y) ** 2 for x, y in xor) / 4
    for p in params: p.grad = 0
    loss.backward()
    for p in params: p.data -= 0.1 * p.grad
    if epoch % 30 == 0: print(epoch, loss.data)
