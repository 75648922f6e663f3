"""Formulas about a moment of the walk, such as ``|grad| > 1 and a.data < 0``: read, never run as Python."""

import ast
import math
import operator
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from ..errors import DomainError
from ..name import Names
from ..notation.expression import Reader
from ..steps.update import Update
from ..steps.walk import Moment, Seed
from ..support.text import did_you_mean
from ..value import Value

# The words for a step's numbers; a step without such a number leaves the whole formula unknown.
WORDS = ("grad", "data", "local", "upstream", "contribution", "before", "after", "step")
COMPARISONS: dict[type[ast.AST], Callable[[float, float], bool]] = {
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge,
    ast.Eq: operator.eq, ast.NotEq: operator.ne,
}  # fmt: skip
TESTS = {"isnan": math.isnan, "isinf": math.isinf}


class Formula(Reader):
    """A formula to compute at moments of a walk.

    It may use numbers, ``+ - * / **``, ``|x|``, the functions of the table, comparisons, ``and or not``, ``isnan``,
    ``isinf``; ``a.data`` and ``a.grad`` of nodes, ``a`` for ``a.data``; and the words of a step: `WORDS`.

    Args:
        text: the formula.
        names: the names of the nodes.

    Raises:
        ExpressionError: the text is not a formula, or it uses an unknown name.
    """

    def __init__(self, text: str, names: Names) -> None:
        super().__init__(text, names.findable)
        self.names = names
        self.moment: Moment | None = None
        with suppress(DomainError):  # at other numbers there may be a value
            self.expression()  # finds mistakes before a run waits for the formula to hold

    def at(self, moment: Moment) -> float | None:
        """Return the formula's number at a moment of a walk, for the step before it; None where it is unknown."""
        self.names, self.moment = moment.walk.names, moment
        try:
            return self.expression()  # type: ignore[no-any-return]
        except DomainError:
            return None

    def value(self, node: ast.expr) -> Any:
        """Return the value of a part of the formula."""
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
            case ast.Attribute(value=owner, attr="grad" | "data" as what):
                return self._number_of_node(owner, what)
            case ast.Subscript() | ast.Attribute() | ast.Constant(value=str()):
                return self._number_of_node(node, "data")
        return super().value(node)

    def named(self, node: ast.Name) -> Any:
        """Return the value of a word of the step or of a node's name."""
        if node.id in WORDS:
            return self._look(node.id)
        if node.id in ("pi", "e") and self.names.find(node.id) is None:
            return super().named(node)
        return self._number_of_node(node, "data")

    def _number_of_node(self, node: ast.expr, what: str) -> float:
        name = str(node.value) if isinstance(node, ast.Constant) else ast.unparse(node)
        found = self.names.find(name)
        if found is None:
            near = did_you_mean(name, [*WORDS, *self.names.findable])
            remedy = f"; a formula may use a.grad and a.data of a node, {', '.join(WORDS)}"
            raise self.wrong(node, f"there is no {name} here{near or remedy}")
        return self._look(what, found)

    def _look(self, what: str, node: Value | None = None) -> float:
        """Return a number of a node, or else of the last step; 1.0 while the formula is only checked."""
        if self.moment is None:
            return 1.0
        if node is None:
            is_seed = isinstance(self.moment.last, Seed) and what == "contribution"
            attribute = "seed" if is_seed else {"grad": "after", "step": "index"}.get(what, what)
            if isinstance(self.moment.last, Update):
                attribute = {"grad": "gradient", "data": "after"}.get(what, attribute)
            found = getattr(self.moment.last, attribute, None)
        else:
            found = getattr(self.moment, what)(node)
        if found is None:
            raise DomainError(f"{what} is not known at this moment")
        return float(found)
