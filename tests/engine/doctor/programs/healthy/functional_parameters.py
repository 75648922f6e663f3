"""Parameters are plain numbers, wrapped anew at each step."""
from engine import Value

numbers = {"w": 0.1, "b": 0.0}
data = [(0.0, 1.0), (1.0, 3.0), (2.0, 5.0)]
for step in range(30):
    p = {name: Value(number, name) for name, number in numbers.items()}
    loss = sum((p["w"] * x + p["b"] - y) ** 2 for x, y in data) / 3
    loss.backward()
    numbers = {name: numbers[name] - 0.1 * p[name].grad for name in numbers}
