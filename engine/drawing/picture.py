"""What a drawing shows, before anybody decides where it stands and how it looks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from ..backprop import Backward
from ..errors import DomainError
from ..operation import Operation
from ..steps.numbers import Numbers
from ..support.escape import visible
from ..support.numbers import format_range, format_rounded
from ..value import Value
from .folding import Folded, Group, Scope

MANY = 100  # arrows; beyond it how many values flow along each is told on hovering alone
NOT_COMPUTED, NOT_MADE = "not computed", "not made yet"
FOLDS = "scope", "rest"

Use = tuple[Value, Value, int]  # an operand, what is computed from it, and in which place it stands there


@dataclass(frozen=True)
class Box:
    """Show a Value, or several.

    Attributes:
        name: what arrows call it.
        kind: "parameter" or "input" (a number given by a person, trained or not), "constant" (a number met in an
            expression), "result", "scope" (a folded one) or "rest" (what is left out).
        is_root: whether it is what the graph computes.
        scope: the scopes it is drawn in, outermost first.
        title: the label; may be empty, and may have several lines.
        rows: pairs of what a number is and the number as written; a constant's row says nothing but the number.
        account: everything with all digits.
        is_several: whether it shows more than one Value.
        slope: the gradient that colours the box; None for none.
        is_made: whether the Value has a number at this moment.
        is_current: whether the step just taken is about it.
        members: the Values that it shows, without partial sums.
        room: numbers that it may come to show at another time.
    """

    name: str
    kind: str
    is_root: bool
    scope: Scope
    title: str
    rows: tuple[tuple[str, str], ...]
    account: str
    is_several: bool = False
    slope: float | None = None
    is_made: bool = True
    is_current: bool = False
    members: tuple[Value, ...] = ()
    room: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ellipse:
    """Show the operation that a Value is the result of, or that it is the sum of what repeats."""

    name: str
    scope: Scope
    symbol: str
    account: str
    is_current: bool = False
    is_sum: bool = False


@dataclass(frozen=True)
class Arrow:
    """Show that a number flows from one shape to another.

    Attributes:
        tail, head: names of shapes.
        place: which operand it is, from 0.
        role: what tells the operand from the others where their order matters; otherwise empty.
        text: the local gradient, or how many values flow; otherwise empty.
        contribution: what the chain rule carries back along it; None where that is not shown.
        is_current: whether the step just taken went along it.
        account: everything with all digits.
        flow: what flows along it: each operand, the Value computed from it, and in which place it stands there;
            empty from an operation to its result.
    """

    tail: str
    head: str
    place: int = 0
    role: str = ""
    text: str = ""
    contribution: float | None = None
    is_current: bool = False
    account: str = ""
    flow: tuple[Use, ...] = ()


@dataclass(frozen=True)
class Picture:
    """Hold everything a drawing shows, operands before results.

    Attributes:
        total: how many Values there are, drawn one by one or not.
        notices: what was not drawn as asked, and why.
        has_legend: whether the signs are explained below.
    """

    boxes: tuple[Box, ...]
    ellipses: tuple[Ellipse, ...]
    arrows: tuple[Arrow, ...]
    total: int = 0
    notices: tuple[str, ...] = ()
    has_legend: bool = False

    @property
    def shapes(self) -> tuple[Box | Ellipse, ...]:
        """Boxes and ellipses."""
        return *self.boxes, *self.ellipses

    @property
    def extent(self) -> str:
        """How many values there are, in words."""
        values = "1 value" if self.total == 1 else f"{self.total:,} values"
        return values if self.total == len(self.boxes) else f"{values} in {len(self.boxes):,} boxes"

    @property
    def scopes(self) -> list[Scope]:
        """Every scope and the scopes around it, each once, in the order in which they are met."""
        return list(dict.fromkeys(shape.scope[: i + 1] for shape in self.shapes for i in range(len(shape.scope))))

    @property
    def is_dense(self) -> bool:
        """Whether there are so many arrows that they need room to spread."""
        return len(self.arrows) > max(MANY, 2 * len(self.shapes))

    @property
    def steepest(self) -> float:
        """The size of the largest gradient that colours a box; the root's own does not count."""
        return _largest(box.slope for box in self.boxes if not box.is_root)

    @property
    def largest_contribution(self) -> float:
        """The size of the largest contribution that is shown."""
        return _largest(arrow.contribution for arrow in self.arrows)


@dataclass(frozen=True)
class Content:
    """Hold what is written into boxes and beside arrows.

    Attributes:
        numbers: where the numbers come from.
        names: titles for Values that have no label.
        parameters: the leaves that are trained.
        gradients: whether gradients are shown.
        local_gradients: whether local gradients and the sizes of contributions are shown.
        legend: whether the signs are explained.
        written: writes a number.
    """

    numbers: Numbers
    names: Mapping[Value, str] = field(default_factory=dict)
    parameters: Collection[Value] = ()
    gradients: bool = True
    local_gradients: bool = False
    legend: bool = True
    written: Callable[[float], str] = format_rounded


def picture(order: Sequence[Value], folded: Folded, content: Content) -> Picture:
    """Return what a drawing of a graph shows.

    Args:
        order: all nodes, operands before results, the root last.
        folded: which of them share a box.
        content: what is written into the boxes.
    """
    return _Painter(order, folded, content).picture()


class _Painter:
    def __init__(self, order: Sequence[Value], folded: Folded, content: Content) -> None:
        self.order, self.folded, self.content, self.numbers = order, folded, content, content.numbers
        number = {node: i for i, node in enumerate(order)}
        self.number = [number[group.members[0]] for group in folded.groups]
        self.flows = _flows(order, folded)
        step = self.numbers.current
        target = None if step is None else step.operand if isinstance(step, Backward) else step.node
        through = step.node if step is not None and step.kind != "seed" else None
        self.reached, self.passed = (
            folded.group_of.get(node) if node is not None else None for node in (target, through)
        )

    def picture(self) -> Picture:
        groups = range(len(self.folded.groups))
        arrows = self.arrows()
        found = Picture(
            boxes=tuple(map(self.box, groups)),
            ellipses=tuple(self.ellipse(i) for i in groups if self.operation(i)),
            arrows=tuple(arrows),
            total=len(self.order),
            notices=self.folded.notices,
            has_legend=self.content.legend,
        )
        if found.is_dense and not self.content.local_gradients:
            return replace(found, arrows=tuple(replace(arrow, text="") for arrow in arrows))
        return found

    def operation(self, i: int) -> Operation | None:
        """Return the operation that a group's ellipse shows."""
        group = self.folded.groups[i]
        first = group.members[0]
        return first.op if group.sort == "value" and first.is_result else None

    # --- boxes ----------------------------------------------------------------------------------------

    def box(self, i: int) -> Box:
        group = self.folded.groups[i]
        members = group.members
        title = visible(self.title(group))
        counted = f"× {group.count:,}" if group.count > 1 else ""
        kind = group.sort if group.sort in FOLDS else self.kind(members[0])
        grads = [grad for node in members if (grad := self.numbers.grad(node)) is not None]
        shows_slope = self.content.gradients and kind != "constant"
        is_root = i == self.folded.group_of[self.order[-1]]
        return Box(
            name=f"v{self.number[i]}",
            kind=kind,
            is_root=is_root,
            scope=tuple(map(visible, group.scope)),
            title="  ".join(filter(None, (title, counted))),
            rows=tuple(self.rows(i, kind, grads)),
            account=self.account(i, title or kind, grads),
            is_several=kind in FOLDS or len(members) > 1,
            slope=max(grads, key=_size) if grads and shows_slope else None,
            is_made=any(self.numbers.data(node) is not None for node in members),
            is_current=i == self.reached,
            members=members,
        )

    def title(self, group: Group) -> str:
        """Return what a group is called: copies that are called differently go by the first one's name."""
        if group.sort != "value":
            return group.title
        called = self.called(group.members[0])
        is_shared = all(self.called(node) == called for node in group.members)
        return called if is_shared or not called else f"{called} …"

    def kind(self, node: Value) -> str:
        if node.is_leaf:
            return "parameter" if node in self.content.parameters else "input"
        return "constant" if node.is_constant else "result"

    def called(self, node: Value) -> str:
        return node.label or self.content.names.get(node, "")

    def rows(self, i: int, kind: str, grads: Sequence[float]) -> list[tuple[str, str]]:
        group = self.folded.groups[i]
        if kind in FOLDS:
            return [*self.contents(i), *([("grad", self.range(grads))] if grads and self.content.gradients else [])]
        counted = [("values", f"{len(group.members):,}")] if group.sort == "array" else []
        data = self.range([x for node in group.members if (x := self.numbers.data(node)) is not None])
        if kind == "constant":
            return [("", data or NOT_MADE)]
        shown = [*counted, ("data", data or NOT_MADE)]
        return [*shown, ("grad", self.range(grads) or NOT_COMPUTED)] if self.content.gradients else shown

    def contents(self, i: int) -> list[tuple[str, str]]:
        """Say what is in a folded scope: how many values and parameters, and what comes out if it is one number."""
        group = self.folded.groups[i]
        inner = sum(node not in self.content.parameters for node in group.members)
        parameters = len(group.members) - inner
        rows = [("values", f"{inner:,}")] if inner else []
        rows += [("parameters", f"{parameters:,}")] if parameters else []
        outgoing = {node for (tail, _, _), flow in self.flows.items() if tail == i for node, _, _ in flow}
        outgoing |= {self.order[-1]} if i == self.folded.group_of[self.order[-1]] else set()
        if len({self.folded.kind[node] for node in outgoing}) == 1:
            data = [x for node in outgoing if (x := self.numbers.data(node)) is not None]
            rows.append(("out", self.range(data) or NOT_MADE))
        return rows

    def range(self, numbers: Sequence[float]) -> str:
        return format_range(numbers, self.content.written) if numbers else ""

    def account(self, i: int, called: str, grads: Sequence[float]) -> str:
        group = self.folded.groups[i]
        if len(group.members) > 1 or group.sort != "value":
            return f"{called}: {len(group.members):,} values" + (f", grad {format_range(grads, repr)}" if grads else "")
        data = self.numbers.data(group.members[0])
        said = NOT_MADE if data is None else repr(data)
        return f"{called}: data {said}, grad {repr(grads[0]) if grads else NOT_COMPUTED}"

    # --- ellipses and arrows --------------------------------------------------------------------------

    def ellipse(self, i: int) -> Ellipse:
        group, op = self.folded.groups[i], self.operation(i)
        assert op is not None
        return Ellipse(
            name=f"o{self.number[i]}",
            scope=tuple(map(visible, group.scope)),
            symbol="Σ" if group.is_sum else visible(op.symbol),
            account="the sum of all" if group.is_sum else visible(op.written()),
            is_current=i == self.passed,
            is_sum=group.is_sum,
        )

    def arrows(self) -> list[Arrow]:
        found = []
        into: dict[int, list[Arrow]] = defaultdict(list)
        for (tail, head, place), flow in self.flows.items():
            into[head].append(self.arrow(tail, head, place, flow))
        for i in range(len(self.folded.groups)):
            found += into[i]
            if self.operation(i):
                found.append(Arrow(f"o{self.number[i]}", f"v{self.number[i]}", is_current=i == self.passed))
        return found

    def arrow(self, tail: int, head: int, place: int, flow: Sequence[Use]) -> Arrow:
        group, op = self.folded.groups[head], self.operation(head)
        locals_ = [node.local_grads[at] for _, node, at in flow]
        contributions = [x for _, node, at in flow if (x := self.numbers.contribution(node, at)) is not None]
        counted = self.count(flow, group.count)
        text = f"×{counted:,}" if counted > 1 else ""
        if self.content.local_gradients and op:
            text = " ".join(filter(None, (self.range(locals_), text)))
        step = self.numbers.current
        went = (step.operand, step.node, step.position) if isinstance(step, Backward) else None
        is_made = step is not None and step.kind == "forward" and head == self.passed
        account = f"{f'{counted:,} values, ' * (counted > 1)}local gradient {format_range(locals_, repr)}"
        return Arrow(
            tail=f"v{self.number[tail]}",
            head=f"{'o' if op else 'v'}{self.number[head]}",
            place=place,
            role=_roles(op)[place] if op and not group.is_sum else "",
            text=text,
            contribution=sum(contributions) if contributions and self.content.local_gradients else None,
            is_current=is_made or went in flow,
            account=account + (f", contribution {format_range(contributions, repr)}" if contributions else ""),
            flow=tuple(flow),
        )

    def count(self, flow: Sequence[Use], repeated: int) -> int:
        """Return how many values flow, each time."""
        sizes: dict[int, set[Value]] = defaultdict(set)
        for x, _, _ in flow:
            sizes[self.folded.kind[x]].add(x)
        return sum(max(1, len(values) // repeated) for values in sizes.values())


def _flows(order: Sequence[Value], folded: Folded) -> dict[tuple[int, int, int], list[Use]]:
    """Return which values flow from group to group and, where one operation is there, into which place of it."""
    flows: dict[tuple[int, int, int], list[Use]] = defaultdict(list)
    for node in order:
        head = folded.group_of[node]
        group = folded.groups[head]
        one_by_one = group.sort == "value" and not group.is_sum
        for place, x in enumerate(node.inputs):
            tail = folded.group_of[x]
            if tail != head or one_by_one:
                flows[tail, head, place if one_by_one else 0].append((x, node, place))
    return flows


def _largest(numbers: object) -> float:
    return max((abs(x) for x in numbers if x is not None and x - x == 0.0), default=0.0)  # type: ignore[attr-defined]


def _size(number: float) -> float:
    """Return the size of a number; one that is none counts as the largest."""
    return abs(number) if number == number else float("inf")


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
