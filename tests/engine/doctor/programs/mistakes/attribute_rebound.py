"""An attribute of a dataclass is bound to a computed node."""
# cause: rebound-parameter
from dataclasses import dataclass, field

from engine import Value


@dataclass
class Line:
    slope: Value = field(default_factory=lambda: Value(0.0))
    level: Value = field(default_factory=lambda: Value(0.0))

    def __call__(self, x):
        return self.slope * x + self.level


line = Line()
for _ in range(15):
    loss = sum((line(x) - (3 * x - 1)) ** 2 for x in (-1.0, 0.0, 1.0, 2.0)) / 4
    line.slope.grad = line.level.grad = 0.0
    loss.backward()
    line.slope = line.slope - line.slope.grad * 0.1  # right: line.slope.data -= line.slope.grad * 0.1
    line.level = line.level - line.level.grad * 0.1  # right: line.level.data -= line.level.grad * 0.1
