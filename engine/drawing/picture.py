"""The content of a drawing, before its layout and its look: boxes, ellipses and arrows with their texts."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from math import inf

from ..backprop import Backward
from ..errors import DomainError
from ..name import Names
from ..operation import Operation
from ..steps.walk import Shown, Step
from ..support.text import counted, format_range, format_rounded, isolated, visible
from ..value import Value

NOT_COMPUTED, NOT_MADE = "not computed", "not made yet"
BLANK = "_" * 9  # a line to write a gradient on
FOLDS = "scope", "rest"
ORDINALS = {0: "1st", 1: "2nd", 2: "3rd"}

Scope = tuple[str, ...]
Use = tuple[Value, Value, int]  # an operand, a result, and the operand's position among the result's inputs
Point = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """The options of a drawing, checked; `draw` documents them."""

    direction: str = "LR"
    depth: int | None = None
    expand: str | Sequence[str] = ()
    every_sample: bool | None = None
    gradients: bool | str = True
    local_gradients: bool = False
    number_format: str = ""
    theme: str = "light"
    legend: bool = True
    limit: int = 400
    timeout: float = 20.0

    def __post_init__(self) -> None:
        if self.theme not in ("light", "dark", "auto"):
            raise ValueError(f"theme must be 'light', 'dark' or 'auto', not {self.theme!r}")
        if self.direction not in ("LR", "TB"):
            raise ValueError(f"direction must be 'LR' (left to right) or 'TB' (top to bottom), not {self.direction!r}")
        if self.gradients not in (True, False, "blank"):
            raise ValueError(f"gradients must be True, False or 'blank', not {self.gradients!r}")
        for name in ("depth", "limit", "timeout"):
            if not ((given := getattr(self, name)) is None or given > 0):
                raise ValueError(f"{name} must be greater than 0, not {given!r}")
        try:
            format(1.0, self.number_format)
        except ValueError:
            message = f"number_format must be a format such as '.3f' or '.2e', not {self.number_format!r}"
            raise ValueError(message) from None

    @property
    def written(self) -> Callable[[float], str]:
        """The function that writes a number."""
        return (lambda number: format(number, self.number_format)) if self.number_format else format_rounded


@dataclass(frozen=True)
class Box:
    """A box: one Value, or several.

    Its kind is "parameter" or "input" (a leaf, trained or not), "constant" (a plain number in an expression), "result",
    "scope" (a folded one) or "rest" (what the limit leaves out).
    """

    name: str  # the identifier of the shape
    kind: str
    is_root: bool
    scope: Scope  # the scopes that it is drawn in, outermost first
    title: str  # several lines if a label has several; empty for a constant
    is_named: bool  # by a label, a variable or a scope
    rows: tuple[tuple[str, str], ...]  # a word such as "data", and a number; a constant's only row has no word
    account: str  # the same with all digits
    is_several: bool  # whether it shows more than one Value
    slope: float | None  # the gradient that colours it
    is_made: bool  # whether the Value has been computed at this moment
    is_current: bool  # whether the step just taken changed it
    members: tuple[Value, ...]  # the Values that it shows, without partial sums
    room: tuple[str, ...] = ()  # numbers that it may show at other times
    original: str = ""  # the name of the box that it is a copy of


@dataclass(frozen=True)
class Ellipse:
    """An operation before the box of its result, or Σ, the sum of what repeats."""

    name: str
    scope: Scope
    symbol: str
    account: str
    is_current: bool
    is_sum: bool


@dataclass(frozen=True)
class Arrow:
    """An arrow from an operand to an operation, or from an operation to its result."""

    tail: str  # the name of a shape
    head: str
    place: int = 0  # the operand's position
    role: str = ""  # what distinguishes the operand from the others where their order matters
    text: str = ""  # the local gradient, or how many values flow
    contribution: float | None = None  # to the operand's gradient; None where it is not shown
    is_current: bool = False  # whether the step just taken went along the arrow
    account: str = ""  # everything with all digits
    flow: tuple[Use, ...] = ()  # the uses of operands that it shows; empty from an operation to its result


@dataclass(frozen=True)
class Picture:
    """The shapes and arrows of a drawing, operands before results."""

    boxes: tuple[Box, ...]
    ellipses: tuple[Ellipse, ...]
    arrows: tuple[Arrow, ...]
    total: int  # the number of Values, drawn one by one or not
    notices: tuple[str, ...]  # what was not drawn as asked, and why
    has_legend: bool
    has_local_gradients: bool  # beside the arrows
    copies: tuple[Box, ...] = ()  # of boxes, at other places where they are used
    strongest: tuple[float, float] | None = None  # what counts as the steepest and largest; None: what is shown

    @property
    def shapes(self) -> tuple[Box | Ellipse, ...]:
        """Boxes, their copies, and ellipses."""
        return *self.boxes, *self.copies, *self.ellipses

    @property
    def extent(self) -> str:
        """The number of values, and of boxes if it differs, in words."""
        values = counted(self.total, "value")
        return values if self.total == len(self.boxes) else f"{values} in {len(self.boxes):,} boxes"

    @property
    def scopes(self) -> list[Scope]:
        """Every scope and the scopes around it, each once, in the order in which they appear."""
        return list(dict.fromkeys(shape.scope[: i + 1] for shape in self.shapes for i in range(len(shape.scope))))

    @property
    def is_dense(self) -> bool:
        """Whether there are so many arrows that they need room, and say on hovering alone how many values flow."""
        return len(self.arrows) > max(100, 2 * len(self.shapes))

    @cached_property
    def steepest(self) -> float:
        """The size of the largest gradient that colours a box, not counting the root's own."""
        return (
            self.strongest[0] if self.strongest else self._largest(box.slope for box in self.boxes if not box.is_root)
        )

    @cached_property
    def largest_contribution(self) -> float:
        """The size of the largest contribution that is shown."""
        return self.strongest[1] if self.strongest else self._largest(arrow.contribution for arrow in self.arrows)

    def _largest(self, numbers: Iterable[float | None]) -> float:
        return max((abs(x) for x in numbers if x is not None and x - x == 0.0), default=0.0)


@dataclass(frozen=True)
class Route:
    """The course of an arrow."""

    points: tuple[Point, ...]  # the first point, then three points for each cubic Bézier curve
    tip: Point
    text: Point | None = None  # the middle of the text beside the arrow; None if there is no room for it
    role: Point | None = None  # that of what distinguishes the operand


@dataclass(frozen=True)
class Layout:
    """The places of all parts of a picture, in points, with y pointing down."""

    size: Point  # of the whole
    centres: dict[str, Point]  # of the shapes, by name
    frames: dict[int, tuple[float, float, float, float]]  # of the scopes, by number: left, top, right and bottom
    routes: dict[int, Route]  # of the arrows, by number


@dataclass(frozen=True)
class Subject:
    """A graph to be drawn."""

    order: Sequence[Value]  # as `topological_order` gives it
    numbers: Shown
    step: Step | None  # the one to mark
    names: Names
    parameters: Collection[Value] = ()  # the trained leaves
    room: Callable[[Picture], Sequence[tuple[str, ...]]] | None = None  # numbers that each box may show at other times
    notices: tuple[str, ...] = ()  # about the numbers


@dataclass(frozen=True)
class Group:
    """The nodes that share a box."""

    sort: str  # "value" (one node, or copies of it), "scope", "array" (similar leaves) or "rest"
    title: str  # empty for a value, which has its node's name
    scope: Scope  # the scopes around the box
    members: tuple[Value, ...]  # in the graph's order, without partial sums
    count: int  # how many times the same was computed
    is_sum: bool = False  # whether this is a sum of copies, without its partial sums


@dataclass(frozen=True)
class Folded:
    """The nodes of a graph in groups, each of which has a box."""

    groups: tuple[Group, ...]
    group_of: Mapping[Value, int]  # the index of each node's group
    kind: Mapping[Value, int]  # a number for each node; copies have the same one
    notices: tuple[str, ...] = ()  # what was folded automatically, in sentences that say how to open it


def one_by_one(order: Sequence[Value]) -> Folded:
    """Return each node of a graph in a group of its own."""
    number = {node: i for i, node in enumerate(order)}
    return Folded(tuple(Group("value", "", node.scope, (node,), 1) for node in order), number, number)


def picture(subject: Subject, wishes: Wishes, folded: Folded) -> Picture:
    """Return the content of a drawing of a graph, given which nodes share a box."""
    painter = _Painter(subject, folded, wishes)
    found = Picture(
        boxes=tuple(map(painter.box, range(len(folded.groups)))),
        ellipses=tuple(painter.ellipse(i, op) for i, op in enumerate(painter.ops) if op),
        arrows=tuple(painter.arrows()),
        total=len(subject.order),
        notices=(*subject.notices, *folded.notices),
        has_legend=wishes.legend,
        has_local_gradients=wishes.local_gradients,
    )
    if found.is_dense and not wishes.local_gradients:
        found = replace(found, arrows=tuple(replace(arrow, text="") for arrow in found.arrows))
    if subject.room is None:
        return found
    rooms = zip(found.boxes, subject.room(found), strict=True)
    return replace(found, boxes=tuple(replace(box, room=room) for box, room in rooms))


class _Painter:
    def __init__(self, subject: Subject, folded: Folded, wishes: Wishes) -> None:
        self.subject, self.folded, self.wishes, self.numbers = subject, folded, wishes, subject.numbers
        number = {node: i for i, node in enumerate(subject.order)}
        firsts = [(group.members[0], group.sort == "value") for group in folded.groups]
        self.number = [number[node] for node, _ in firsts]
        self.ops = [node.op if is_value and node.is_result else None for node, is_value in firsts]  # of the ellipses
        self.root = folded.group_of[subject.order[-1]]
        self.flows = _flows(subject.order, folded)
        step = subject.step
        self.went: Use | None = None
        self.reached = self.passed = None  # the boxes that the step just taken changed, and that it went through
        if isinstance(step, Backward):
            self.went = step.operand, step.node, step.position
        if step is not None:
            self.reached = folded.group_of.get(self.went[0] if self.went else step.node)
            self.passed = folded.group_of.get(step.node) if step.kind not in ("seed", "update") else None
        self.is_forward = step is not None and step.kind == "forward"

    def name(self, group: Group) -> tuple[str, bool]:
        """Return the name of a group, and whether it was given.

        Frames stand for the scopes in a name. A label is shown as typed. Copies with different names go by the first.
        """
        if group.sort != "value":
            return group.title, True
        (first, *others), names = group.members, self.subject.names
        if names.is_number(first):
            return "constant" if others else "", False
        given, name = names.given(first), names.in_scope(first)
        is_shared = given != "" and all(names.given(copy) == given for copy in others)
        if name == given or (others and is_shared):
            name = first.label or given
        return f"{name} …" if others and not is_shared else name, bool(given)

    # --- boxes ----------------------------------------------------------------------------------------

    def box(self, i: int) -> Box:
        group, members = self.folded.groups[i], self.folded.groups[i].members
        name, is_named = self.name(group)
        kind = "constant" if members[0].is_constant else "result"
        if group.sort in FOLDS:
            kind = group.sort
        elif members[0].is_leaf:
            kind = "parameter" if members[0] in self.subject.parameters else "input"
        is_blank = self.wishes.gradients == "blank"
        grads = [x for node in members if not is_blank and (x := self.numbers.grad(node)) is not None]
        shows_slope = self.wishes.gradients and kind != "constant"
        title = visible(name)
        return Box(
            name=f"v{self.number[i]}",
            kind=kind,
            is_root=i == self.root,
            scope=tuple(map(visible, group.scope)),
            title=f"{isolated(title)}  × {group.count:,}" if group.count > 1 else title,
            is_named=is_named,
            rows=tuple(self.rows(i, kind, grads)),
            account=self.account(group, kind, title, grads),
            is_several=kind in FOLDS or len(members) > 1,
            slope=steepest(grads) if grads and shows_slope else None,
            is_made=any(self.numbers.data(node) is not None for node in members),
            is_current=i == self.reached,
            members=members,
        )

    def rows(self, i: int, kind: str, grads: Sequence[float]) -> list[tuple[str, str]]:
        group = self.folded.groups[i]
        grad = BLANK if self.wishes.gradients == "blank" else self.range(grads)
        if kind in FOLDS:
            return [*self.contents(i), *([("grad", grad)] if grad and self.wishes.gradients else [])]
        data = self.range([x for node in group.members if (x := self.numbers.data(node)) is not None])
        if kind == "constant":
            return [("", data or NOT_MADE)]
        rows = [("values", f"{len(group.members):,}")] if group.sort == "array" else []
        rows.append(("data", data or NOT_MADE))
        return [*rows, ("grad", grad or NOT_COMPUTED)] if self.wishes.gradients else rows

    def contents(self, i: int) -> list[tuple[str, str]]:
        """Return how many values and parameters a folded scope has, and its output if that is one number."""
        members = self.folded.groups[i].members
        inner = sum(node not in self.subject.parameters for node in members)
        parameters = len(members) - inner
        rows = [("values", f"{inner:,}")] if inner else []
        rows += [("parameters", f"{parameters:,}")] if parameters else []
        outgoing = {node for (tail, _, _), flow in self.flows.items() if tail == i for node, _, _ in flow}
        outgoing |= {self.subject.order[-1]} if i == self.root else set()
        if len({self.folded.kind[node] for node in outgoing}) == 1:
            data = [x for node in outgoing if (x := self.numbers.data(node)) is not None]
            rows.append(("out", self.range(data) or NOT_MADE))
        else:
            rows.append(("outputs", f"{len(outgoing):,}"))
        return rows

    def range(self, numbers: Sequence[float]) -> str:
        return format_range(numbers, self.wishes.written) if numbers else ""

    def account(self, group: Group, kind: str, title: str, grads: Sequence[float]) -> str:
        node = group.members[0]
        if len(group.members) > 1 or group.sort != "value":
            values = counted(len(group.members), "value")
            return f"{isolated(title)}: {values}" + (f", grad {format_range(grads, repr)}" if grads else "")
        name = kind if self.subject.names.is_number(node) else isolated(visible(self.subject.names[node]))
        data = self.numbers.data(node)
        said = f"{name}: data {NOT_MADE if data is None else repr(data)}"
        return said if self.wishes.gradients == "blank" else f"{said}, grad {repr(grads[0]) if grads else NOT_COMPUTED}"

    # --- ellipses and arrows --------------------------------------------------------------------------

    def ellipse(self, i: int, op: Operation) -> Ellipse:
        group = self.folded.groups[i]
        return Ellipse(
            name=f"o{self.number[i]}",
            scope=tuple(map(visible, group.scope)),
            symbol="Σ" if group.is_sum else visible(op.symbol),
            account="the sum of all" if group.is_sum else visible(op.written()),
            is_current=i == self.passed,
            is_sum=group.is_sum,
        )

    def arrows(self) -> list[Arrow]:
        into: dict[int, list[Arrow]] = {i: [] for i in range(len(self.folded.groups))}
        for (tail, head, place), flow in self.flows.items():
            into[head].append(self.arrow(tail, head, place, flow))
        for i, arrows in into.items():
            if self.ops[i]:
                arrows.append(Arrow(f"o{self.number[i]}", f"v{self.number[i]}", is_current=i == self.passed))
        return [arrow for arrows in into.values() for arrow in arrows]

    def arrow(self, tail: int, head: int, place: int, flow: Sequence[Use]) -> Arrow:
        group, op = self.folded.groups[head], self.ops[head]
        locals_ = [self.numbers.locals(node)[at] for _, node, at in flow]
        passed = (self.numbers.contribution(node, at) for _, node, at in flow if self.wishes.gradients != "blank")
        contributions = [x for x in passed if x is not None]
        sizes: dict[int, set[Value]] = defaultdict(set)
        for operand, _, _ in flow:
            sizes[self.folded.kind[operand]].add(operand)
        count = sum(max(1, len(values) // group.count) for values in sizes.values())  # how many values flow, each time
        text = f"×{count:,}" if count > 1 else ""
        if self.wishes.local_gradients and op:
            text = " ".join(filter(None, (self.range(locals_), text)))
        ends = " -> ".join(isolated(visible(self.subject.names[node])) for node in flow[0][:2])
        account = f"{counted(count, 'value') if count > 1 else ends}: local gradient {format_range(locals_, repr)}"
        account += f", contribution {format_range(contributions, repr)}" if contributions else ""
        return Arrow(
            tail=f"v{self.number[tail]}",
            head=f"{'o' if op else 'v'}{self.number[head]}",
            place=place,
            role=_roles(op)[place] if op and not group.is_sum else "",
            text=text,
            contribution=sum(contributions) if contributions and self.wishes.local_gradients else None,
            is_current=self.went in flow or (self.is_forward and head == self.passed),
            account=account,
            flow=tuple(flow),
        )


def _flows(order: Sequence[Value], folded: Folded) -> Mapping[tuple[int, int, int], list[Use]]:
    """Return the uses between each two groups, by operand position where the head is a single operation."""
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


def steepest(grads: Iterable[float]) -> float:
    """Return the gradient of the largest size; not-a-number counts as the largest."""
    return max(grads, key=lambda grad: abs(grad) if grad == grad else inf)


@lru_cache(maxsize=1024)
def _roles(op: Operation) -> Sequence[str]:
    """Return the operands' positions, such as "1st"; empty texts if the order does not matter.

    Names or plain numbers would read as those of Values and of gradients.
    """

    def differs_reversed(sample: tuple[float, ...]) -> bool:
        try:
            return op.evaluate(sample) != op.evaluate(sample[::-1])
        except DomainError:
            return True

    if op.arity < 2 or not any(map(differs_reversed, op.samples)):
        return [""] * op.arity
    return [ORDINALS.get(place, f"{place + 1}th") for place in range(op.arity)]
