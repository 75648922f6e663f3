"""micrograd's first example, and expressions of all its operations."""

from micrograd.engine import Value

a = Value(-4.0)
b = Value(2.0)
c = a + b
d = a * b + b**3
c += c + 1
c += 1 + c + (-a)
d += d * 2 + (b + a).relu()
d += 3 * d + (b - a).relu()
e = c - d
f = e**2
g = f / 2.0
g += 10.0 / f
print(f"{g.data:.4f}")
g.backward()
print(f"{a.grad:.4f} {b.grad:.4f} {c.grad:.4f}")
print(a, b, g, Value(3), Value(3) * 2 + 1, (Value(-3) * 2).relu())
x = Value(3)
y = x * x + x
y.backward()
print(x, y, y._op, len(y._prev))
try:
    print(1 / Value(0.0))
except ZeroDivisionError:
    print("divided by zero")
print("%.4f" % Value(1.0).grad, Value(1.0).grad == 0)
unused, rate = Value(5.0), 0.1
unused.data -= rate * unused.grad
print(unused.data)
