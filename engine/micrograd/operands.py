"""The operands of a node as micrograd's programs use them: a tuple that is a set, too."""

from collections.abc import Callable, Set
from typing import Any


class Operands(tuple[Any, ...]):
    """The operands of a node: a tuple, in order, that can be compared and combined with sets as well.

    >>> from engine.micrograd import Value
    >>> x = Value(3.0)
    >>> y = x + x
    >>> len(y._prev), y._prev == {x}, y._prev | {y} == {x, y}
    (2, True, True)
    >>> y._prev
    {Value(data=3.0, grad=0)}
    """

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return frozenset(self) == other if isinstance(other, Set) else tuple.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = tuple.__hash__

    def __repr__(self) -> str:  # as micrograd's programs print it
        return repr(set(self)) if len(self) < 2 else "{" + ", ".join(map(repr, dict.fromkeys(self))) + "}"


def _as_a_set(name: str) -> Callable[..., Any]:
    def method(self: Operands, *others: Any) -> Any:
        return getattr(frozenset(self), name)(*[frozenset(x) if isinstance(x, Operands) else x for x in others])

    return method


SET_METHODS = """
__and__ __rand__ __or__ __ror__ __sub__ __rsub__ __xor__ __rxor__
union intersection difference symmetric_difference issubset issuperset isdisjoint
"""
for _name in SET_METHODS.split():
    setattr(Operands, _name, _as_a_set(_name))
