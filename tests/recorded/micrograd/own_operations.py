"""The exercise of the lecture: operations that the learner adds, and a backward pass by hand."""

import math

from micrograd.engine import Value


def tanh(x):
    t = (math.exp(2 * x.data) - 1) / (math.exp(2 * x.data) + 1)
    out = Value(t, (x,), "tanh")

    def _backward():
        x.grad += (1 - t**2) * out.grad

    out._backward = _backward
    return out


def exp(self):
    out = Value(math.exp(self.data), (self,), "exp")

    def _backward():
        self.grad += out.data * out.grad

    out._backward = _backward
    return out


Value.exp = exp
x1, x2 = Value(2.0), Value(0.0)
w1, w2 = Value(-3.0), Value(1.0)
b = Value(6.8813735870195432)
x1w1, x2w2 = x1 * w1, x2 * w2
n = x1w1 + x2w2 + b
o = tanh(n)
o.grad = 1.0
for node in (o, n, x1w1, x2w2, b):
    node._backward()
print([f"{v.grad:.6f}" for v in (x1, x2, w1, w2, b, n)], o._op, o.data)
for node in (x1, x2, w1, w2, b, n, x1w1, x2w2):
    node.grad = 0.0
e = (2 * n).exp()
o = (e - 1) / (e + 1)
o.backward()
print([f"{v.grad:.6f}" for v in (x1, x2, w1, w2)], o.data)
