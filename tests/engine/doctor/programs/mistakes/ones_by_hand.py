"""All weights are 1 in a network written by hand."""
# cause: symmetric-units
from engine import Value

W = [[Value(1.0), Value(1.0)] for _ in range(3)]  # right: W = [[Value(0.3 + 0.4 * i), Value(-0.5 + 0.3 * i)] for i in range(3)]
B = [Value(0.0) for _ in range(3)]
U = [Value(1.0) for _ in range(3)]  # right: U = [Value(0.8), Value(-0.6), Value(0.3)]
flat = [p for row in W for p in row] + B + U
for t in range(20):
    loss = 0
    for (a, b), y in {(0, 0): 0, (0, 1): 1, (1, 0): 1, (1, 1): 0}.items():
        z = [r[0] * a + r[1] * b + c for r, c in zip(W, B)]
        loss = loss + (sum(u * zi.tanh() for u, zi in zip(U, z)) - y) ** 2
    for p in flat:
        p.grad = 0
    loss.backward()
    for p in flat:
        p.data -= 0.05 * p.grad
