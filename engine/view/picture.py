"""What a drawing shows, before anybody decides where it stands and how it looks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ..errors import DomainError
from ..graph import topological_order
from ..ops import Operation, constant
from ..value import Value
from .errors import DrawingError
from .text import short, visible

Scope = tuple[str, ...]
NOT_COMPUTED = "not computed"


@dataclass(frozen=True)
class Box:
    """Show a Value.

    Attributes:
        name: what arrows call it.
        kind: "leaf" (a number given by a person), "constant" (a number met in an expression) or "result".
        is_root: whether it is what the graph computes.
        scope: the scopes it is drawn in, outermost first.
        title: the label; may be empty, and may have several lines.
        rows: pairs of what a number is and the number as written; a constant's row says nothing but the number.
        account: everything with all digits.
    """

    name: str
    kind: str
    is_root: bool
    scope: Scope
    title: str
    rows: tuple[tuple[str, str], ...]
    account: str


@dataclass(frozen=True)
class Ellipse:
    """Show the operation that a Value is the result of."""

    name: str
    scope: Scope
    symbol: str
    account: str


@dataclass(frozen=True)
class Arrow:
    """Show that a number flows from one shape to another.

    Attributes:
        tail, head: names of shapes.
        place: which operand it is, from 0.
        role: what tells the operand from the others where their order matters; otherwise empty.
    """

    tail: str
    head: str
    place: int = 0
    role: str = ""


@dataclass(frozen=True)
class Picture:
    """Hold everything a drawing shows, operands before results."""

    boxes: tuple[Box, ...]
    ellipses: tuple[Ellipse, ...]
    arrows: tuple[Arrow, ...]

    @property
    def shapes(self) -> tuple[Box | Ellipse, ...]:
        """Boxes and ellipses."""
        return *self.boxes, *self.ellipses

    @property
    def extent(self) -> str:
        """How many values there are, in words."""
        return "1 value" if len(self.boxes) == 1 else f"{len(self.boxes)} values"

    @property
    def scopes(self) -> list[Scope]:
        """Every scope and the scopes around it, each once, in the order in which they are met."""
        return list(dict.fromkeys(shape.scope[: i + 1] for shape in self.shapes for i in range(len(shape.scope))))


def picture(root: Value, names: Mapping[Value, str], limit: int) -> Picture:
    """Return what a drawing of the graph below a Value shows.

    Args:
        root: what the graph computes.
        names: titles for Values that have no label.
        limit: the largest number of Values to show.

    Raises:
        DrawingError: the graph has more Values than the limit.
    """
    order = topological_order(root)
    if len(order) > limit:
        raise DrawingError(
            f"the graph has {len(order):,} values, and a drawing of more than limit={limit} is hardly readable "
            f"and may take long. Draw a part of it (the drawing of a value shows what that value is computed "
            f"from), or pass draw(..., limit={len(order)})"
        )
    number = {node: i for i, node in enumerate(order)}
    arrows: list[Arrow] = []
    ellipses: list[Ellipse] = []
    for i, node in enumerate(order):
        if node.op is None or node.op is constant:
            continue
        ellipses.append(_ellipse(i, node, node.op))
        roles = _roles(node.op)
        arrows += [Arrow(f"v{number[x]}", f"o{i}", place, roles[place]) for place, x in enumerate(node.inputs)]
        arrows.append(Arrow(f"o{i}", f"v{i}"))
    boxes = [_box(i, node, node is root, names.get(node, "")) for i, node in enumerate(order)]
    return Picture(tuple(boxes), tuple(ellipses), tuple(arrows))


def _box(i: int, node: Value, is_root: bool, name: str) -> Box:
    title = visible(node.label or name)
    data, grad = ("data", short(node.data)), ("grad", NOT_COMPUTED if node.grad is None else short(node.grad))
    kind = "leaf" if node.op is None else "constant" if node.op is constant else "result"
    exactly = f"data {node.data!r}, grad {NOT_COMPUTED if node.grad is None else repr(node.grad)}"
    return Box(
        name=f"v{i}",
        kind=kind,
        is_root=is_root,
        scope=_scope(node),
        title=title,
        rows=(("", short(node.data)),) if kind == "constant" else (data, grad),
        account=f"{title or kind}: {exactly}",
    )


def _ellipse(i: int, node: Value, op: Operation) -> Ellipse:
    return Ellipse(f"o{i}", _scope(node), visible(op.symbol), visible(op.written()))


def _scope(node: Value) -> Scope:
    return tuple(map(visible, node.scope))


@lru_cache(maxsize=1024)
def _roles(op: Operation) -> Sequence[str]:
    """Return the operands' names, or their places if the names are long; empty texts if the order does not matter."""
    if op.arity < 2 or not any(_differs_reversed(op, sample) for sample in op.samples):
        return [""] * op.arity
    return op.operands if max(map(len, op.operands)) <= 2 else [str(place + 1) for place in range(op.arity)]


def _differs_reversed(op: Operation, sample: tuple[float, ...]) -> bool:
    try:
        return op.evaluate(sample) != op.evaluate(sample[::-1])
    except DomainError:
        return True
