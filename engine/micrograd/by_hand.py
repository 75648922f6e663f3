"""The operation of a node that the user makes, by ``Value(data, children, "name")``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ..errors import DomainError
from ..graph import Node
from ..operation import TABLE, Operation
from ..slope import UNDEFINED, Undefined

# What micrograd writes in ``_op``, for the operations that it does not call by the engine's names.
WRITTEN = {"leaf": "", "constant": "", "add": "+", "mul": "*", "sub": "-", "div": "/", "pow": "**", "relu": "ReLU"}


class ByHand(Operation):
    """An operation that the user computed: its value is known at the numbers of its node alone.

    Its local derivatives are those of the node; what their own derivatives are is not known.
    """

    numbers: tuple[float, ...]
    data: float
    slopes: Callable[[], tuple[float, ...]]

    def evaluate(self, numbers: Iterable[float], labels: Iterable[str] = ()) -> float:
        """Return the value that the user computed.

        Raises:
            DomainError: the operands have other numbers.
        """
        if tuple(numbers) == self.numbers:
            return self.data
        raise DomainError(
            f"{self.symbol} was computed by hand, for the node Value(data, children, {self.form!r}), so its value with "
            f"other numbers is not known; engine.register({self.name!r}, value, rule) makes it an operation"
        )

    def local_derivatives(self, operands: Sequence[Any], out: Any) -> tuple[Any, ...]:
        """Return the local derivatives of the node; for Values, as nodes whose own derivatives are not known."""
        if not any(isinstance(x, Node) for x in operands):
            self.evaluate(operands)
            return self.slopes()
        from .value import Value, lift

        nodes, unknown = tuple(map(lift, operands)), (UNDEFINED,) * self.arity
        return tuple(
            slope if isinstance(slope, Undefined) else Value(slope, nodes, f"slope of {self.name}", local_grads=unknown)
            for slope in self.slopes()
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return by_hand, (self.form, self.numbers, self.data, self.slopes())


def by_hand(written: str, numbers: tuple[float, ...], data: float, slopes: Any) -> ByHand:
    """Return the operation of a node that was made by hand.

    Args:
        written: what the user calls it, in ``_op``.
        numbers, data: the numbers of its operands, and of the node.
        slopes: its local derivatives, or a function that returns them.
    """
    name = re.sub(r"\W+", "_", written[:40], flags=re.ASCII).strip("_")
    name = name if name.isidentifier() else f"by_hand_{name}".rstrip("_")
    places, escaped = ", ".join(f"{{{i}}}" for i in range(len(numbers))), name.replace("_", r"\_")
    made = ByHand(
        name=name, arity=len(numbers), operands=tuple(f"x{i}" for i in range(len(numbers))), form=written,
        symbol=written if written.strip() and written.isprintable() and len(written) <= 40 else name,
        text=f"{name}({places})", latex=rf"\operatorname{{{{{escaped}}}}}\left({places}\right)",
        hint=f"It was computed by hand; engine.register({name!r}, value, rule) makes it an operation.",
        numbers=numbers, data=data, slopes=slopes if callable(slopes) else lambda: slopes,
    )  # fmt: skip
    made.__dict__.update(
        value=lambda *numbers: made.evaluate(numbers),
        rule=lambda *operands: made.local_derivatives(operands[:-1], operands[-1]),
    )
    return made


def known_operation(written: str, numbers: tuple[float, ...], data: float) -> Operation | None:
    """Return the operation of this name that computes this number from these; None without one."""
    names = {text: name for name, text in WRITTEN.items() if text}
    known = TABLE.get(names.get(written, written))
    if known is None or known.arity != len(numbers):
        return None
    try:
        error = abs(known.evaluate([float(number) for number in numbers]) - data)
    except DomainError:
        return None
    return known if error <= 1e-12 * max(1.0, abs(data)) else None
