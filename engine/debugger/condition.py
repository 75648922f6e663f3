"""Formulas about a moment of the walk, such as ``|grad| > 1 and a.data < 0``: read, never run as Python."""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from ..errors import DomainError
from ..notation.expression import ExpressionError, Reader
from ..step import Backward
from ..steps.walk import Forward, Seed, Step, Walk
from ..support.text import near_misses
from ..value import Value

# What the words of a step mean; a step that has no such number makes the whole formula not known.
WORDS = ("grad", "data", "local", "upstream", "contribution", "before", "after", "step")
COMPARISONS: dict[type[ast.AST], Callable[[float, float], bool]] = {
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge,
    ast.Eq: operator.eq, ast.NotEq: operator.ne,
}  # fmt: skip
TESTS = {"isnan": math.isnan, "isinf": math.isinf}


class _NotKnownError(Exception):
    """Say that a number does not exist at this moment."""


class Formula(Reader):
    """Hold a formula that somebody typed, to be computed at moments of a walk.

    It knows numbers, ``+ - * / **``, ``|x|``, the functions of the table, comparisons, ``and or not``, ``isnan``,
    ``isinf``; ``a.data`` and ``a.grad`` of nodes, ``a`` for ``a.data``; and the words of a step: `WORDS`.

    Args:
        text: the formula.
        places: the names of the nodes, and where each stands in the walk's order.

    Raises:
        ExpressionError: it is no formula, or it names what does not exist.
    """

    def __init__(self, text: str, places: Mapping[str, int]) -> None:
        super().__init__(re.sub(r"\|([^|]+)\|", r"abs(\1)", text))
        self.places = places
        self._look: Callable[[str, int | None], float] = lambda what, place: 1.0
        with suppress(DomainError):  # there may be a value where the numbers are others
            self.expression()  # finds what is wrong before anybody waits for it to hold

    def at(self, walk: Walk, index: int, step: Step | None) -> float | None:
        """Return the number at a moment of a walk, or None where it is not known.

        Args:
            walk: the walk.
            index: how many steps have been taken.
            step: which step its words are about.
        """
        moment = walk.at(index)

        def look(what: str, place: int | None) -> float:
            found = _of_step(step, what) if place is None else getattr(moment, what)(walk.order[place])
            if found is None:
                raise _NotKnownError
            return float(found)

        self._look = look
        try:
            return self.expression()  # type: ignore[no-any-return]
        except (_NotKnownError, DomainError):
            return None

    def value(self, node: ast.expr) -> Any:
        """Return what a part of the formula is."""
        match node:
            case ast.Compare():
                sides = [self.value(side) for side in (node.left, *node.comparators)]
                compare = [COMPARISONS.get(type(op)) for op in node.ops]
                if None in compare:
                    raise self.wrong(node, "the comparisons are < <= > >= == !=")
                return all(c(x, y) for c, x, y in zip(compare, sides, sides[1:], strict=False) if c)
            case ast.BoolOp():
                found = [self.value(each) for each in node.values]
                return all(found) if isinstance(node.op, ast.And) else any(found)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return not self.value(operand)
            case ast.Call(func=ast.Name(id=name), args=[x], keywords=[]) if name in TESTS:
                return TESTS[name](self.value(x))
            case ast.Attribute(value=whose, attr="grad" | "data" as what):
                return self._look(what, self._place(whose))
            case ast.Subscript() | ast.Attribute() | ast.Constant(value=str()):
                return self._look("data", self._place(node))
        return super().value(node)

    def named(self, node: ast.Name) -> Any:
        """Return what a word of the step or a node's name stands for."""
        if node.id in WORDS:
            return self._look(node.id, None)
        if node.id in self.places:
            return self._look("data", self.places[node.id])
        if node.id in ("pi", "e"):
            return super().named(node)
        raise self._unknown(node, node.id)

    def _place(self, node: ast.expr) -> int:
        name = str(node.value) if isinstance(node, ast.Constant) else ast.unparse(node)
        if name not in self.places:
            raise self._unknown(node, name)
        return self.places[name]

    def _unknown(self, node: ast.expr, name: str) -> ExpressionError:
        near = near_misses(name, [*WORDS, *self.places])
        return self.wrong(
            node, f"there is no {name} here{near}; a formula speaks of a.grad, a.data, {', '.join(WORDS)}"
        )


def _of_step(step: Step | None, what: str) -> float | None:
    """Return a number of a step by its word; None if the step has none of this kind."""
    match step:
        case None:
            return None
        case Forward(index=index, data=data):
            return {"data": data, "step": index}.get(what)
        case Seed(index=index, seed=seed, before=before, after=after):
            known = {"contribution": seed, "before": before, "after": after, "grad": after, "step": index}
            return known.get(what)
        case _:
            return step.after if what == "grad" else step.index if what == "step" else getattr(step, what, None)


def touched(step: Step) -> Value:
    """Return the node whose number a step changes."""
    return step.operand if isinstance(step, Backward) else step.node
