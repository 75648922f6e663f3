"""The largest and the smallest of any number of operands, as operations.

``maximum(maximum(a, b), c)`` of three equal operands has the derivatives 1/4, 1/4 and 1/2, since each of the two knows
of one tie. So ``maximum(a, b, c)`` is an operation of three operands, which share evenly, as in PyTorch's ``amax``.
"""

import operator
from collections.abc import Callable, Sequence
from functools import lru_cache, reduce
from typing import Any

from .operation import TABLE, Operation
from .slope import FLAT


class Extremum(Operation):
    """`maximum` and `minimum`, of two or more operands; for three, ``maximum.of(3)`` is an operation of its own."""

    def of(self, count: int) -> Operation:
        """Return the operation for a count of operands."""
        if count < 2:
            raise TypeError(f"{self.name} takes two or more operands, not {count}; pass the numbers one by one")
        return self if count == self.arity else _extremum(self.name, count)

    def __reduce__(self) -> str | tuple[Any, ...]:
        return super().__reduce__() if self.arity == 2 else (_extremum, (self.name, self.arity))


@lru_cache(maxsize=256)
def _extremum(name: str, count: int) -> Operation:
    """Return `maximum` or `minimum` of a count of operands; those that tie share the derivative evenly."""
    entry, where = TABLE[name], TABLE["where"]
    if count == entry.arity:
        return entry
    names = [f"x{place}" for place in range(1, count + 1)]
    places = ", ".join(f"{{{place}}}" for place in range(count))

    def rule(*things: Any) -> tuple[Any, ...]:
        *operands, out = things
        gaps = [out - x if name == "maximum" else x - out for x in operands]
        share = 1.0 / reduce(operator.add, [where(gap, 0.0, 1.0) for gap in gaps])
        return tuple(where(gap, FLAT, share) for gap in gaps)

    def kink(*numbers: float) -> float:
        *_, second, first = sorted(numbers, reverse=name == "minimum")
        return first - second

    return type(entry)(**{
        **entry.__dict__, "arity": count, "operands": tuple(names), "value": _folded(entry.value, name, names),
        "rule": rule, "kink": kink, "samples": (tuple(0.7 * (-1.7) ** place for place in range(count)),),
        "text": f"{name}({places})", "latex": entry.latex.replace("{0}, {1}", places),
        "convention": "an even share to each operand at a tie",
    })  # fmt: skip


def _folded(value: Callable[..., float], name: str, names: Sequence[str]) -> Callable[..., float]:
    """Return a function of several operands that applies one of two again and again; programs read its source."""
    import linecache  # takes a millisecond

    terms = list(names)
    while len(terms) > 1:  # in pairs, so that brackets do not nest deeply
        pairs = [terms[start : start + 2] for start in range(0, len(terms), 2)]
        terms = [f"{name}_of_two({', '.join(pair)})" if len(pair) == 2 else pair[0] for pair in pairs]
    source, file = f"def {name}({', '.join(names)}): return {terms[0]}\n", f"<stepgrad {name} of {len(names)}>"
    linecache.cache[file] = len(source), None, [source], file
    namespace: dict[str, Any] = {f"{name}_of_two": value}
    exec(compile(source, file, "exec"), namespace)
    return namespace[name]  # type: ignore[no-any-return]
