"""A number overflows to infinity and becomes not-a-number further on."""

from engine import Value, diagnose, why_nan

x = Value(1e200, "x")
square = x * x  # the mistake: 1e400 is too large for a float
square.label = "square"
loss = square - square

found = diagnose(loss, [x])
print(found)
print(why_nan(loss))
assert found.codes == ["not-finite"]
assert "square is inf, the first number of the graph that is not finite" in str(found)
