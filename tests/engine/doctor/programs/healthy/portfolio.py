"""Softmax weights for three assets; risk against return."""
from engine import Value
import nn
z = [Value(0.0), Value(0.1), Value(-0.1)]
mu, var = [0.05, 0.1, 0.07], [0.02, 0.09, 0.04]
for _ in range(30):
    w = nn.softmax(z)
    gain = sum(a*m for a, m in zip(w, mu))
    risk = sum(a*a*v for a, v in zip(w, var))
    utility = gain - 2*risk
    for p in z: p.grad = 0.0
    utility.backward()
    for p in z: p.data += 5.0*p.grad
