"""What an editor shows of a moment: the step, values, gradients and parameters, as trees that open lazily."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import count
from typing import Any, NamedTuple

from ...backprop import Backward
from ...graph import consumers
from ...name import names
from ...notation.formulas import with_numbers
from ...steps.walk import Forward, Seed, Step
from ...support.text import format_number
from ...value import Value
from ..session import Session
from ..statements import write_equation, write_grad, write_local, write_step
from .protocol import ProtocolError

GROUP = 100  # items that are shown without groups

Items = Sequence["Item"]


class Item(NamedTuple):
    """A row of the tree."""

    name: str
    value: str
    children: Callable[[], Items] | None = None
    node: Value | None = None  # whose number it shows
    formula: str = ""  # what shows it as a watch expression
    is_number: bool = False  # whether it is the number of its node, which can be set for a leaf


class Variables:
    """The trees of a moment, and the references that the protocol gives to their branches.

    A reference is valid until the position or a number changes.
    """

    def __init__(self, session: Session, parameters: Iterable[Value] | None = None) -> None:
        self.session = session
        order = session.walk.order
        trained = set(order).intersection(parameters or ()) or {node for node in order if node.is_leaf}
        self._parameters = [place for place, node in enumerate(order) if node in trained]
        self._references = count(1)
        self._open: dict[int, Callable[[], Items]] = {}

    def forget(self) -> None:
        """Make all references invalid."""
        self._open.clear()

    def refer(self, children: Callable[[], Items] | None) -> int:
        """Return a new reference to a branch; 0 for what has no children."""
        if children is None:
            return 0
        reference = next(self._references)
        self._open[reference] = children
        return reference

    def items(self, reference: int) -> Items:
        """Return the rows of a branch.

        Raises:
            ProtocolError: the reference is not valid, or not any more.
        """
        if reference not in self._open:
            raise ProtocolError(f"there are no variables {reference} at this moment; ask for the scopes again")
        return self._open[reference]()

    def of_program(self) -> list[tuple[str, Callable[[], Items]]]:
        """Return the scopes of the program's own frame, each with its rows."""
        return [
            ("This step", lambda: self._step(self.session.moment.next)),
            ("Last step", lambda: self._step(self.session.moment.last, is_taken=True)),
            ("Values", lambda: _grouped(self._values())),
            ("Gradients", lambda: _grouped(self._gradients())),
            ("Parameters", self._tree),
        ]

    def of_line(self, node: Value) -> list[tuple[str, Callable[[], Items]]]:
        """Return the scopes of the user's statement that made a node: what it made, and the program's variables."""
        source = node.source
        made = [x for x in self.session.walk.order if x.source and source and x.source[:2] == source[:2]]
        return [
            ("Made here", lambda: _grouped(list(map(self.row, made)))),
            ("Variables", lambda: _grouped(self._named())),
        ]

    # --- rows -----------------------------------------------------------------------------------------

    def row(self, node: Value, name: str = "") -> Item:
        """Return the row of a node: its number and gradient, and more below it."""
        data, grad = self.session.numbers(node)
        own = self.session.names[node]
        is_named = not self.session.names.is_number(node)
        value = f"{data}, grad {grad}" if self.session.moment.grad(node) is not None else data
        return Item(name or own, value, lambda: self._inside(node), node, own * is_named, True)

    def _inside(self, node: Value) -> Items:
        session, moment = self.session, self.session.moment
        data, grad = session.numbers(node)
        name = session.names[node]
        is_named = not session.names.is_number(node)
        found = [
            Item("data", data, None, node, f"{name}.data" * is_named, True),
            Item("grad", grad, None, node, f"{name}.grad" * is_named),
        ]
        if node.inputs:
            found.append(Item("computed as", f"{write_equation(session, node)} = {with_numbers(node)}"))
        locals_ = zip(node.inputs, moment.locals(node), strict=True)
        inputs = [self.row(x, f"input {session.names[x]}") for x in node.inputs]
        found += [
            item._replace(value=f"{item.value}; local gradient {format_number(local)}")
            for item, (_, local) in zip(inputs, locals_, strict=True)
        ]
        users = consumers(session.walk.order)[node]
        if users:
            found.append(Item("used by", str(len(users)), lambda: _grouped([self.row(user) for user, _ in users])))
        if node.source:
            found.append(Item("made at", str(node.source)))
        return found

    def _step(self, step: Step | None, is_taken: bool = False) -> Items:
        session = self.session
        if step is None:
            return [Item("step", "none: this is the beginning" if is_taken else "none: all steps are taken")]
        head = Item(f"step {step.index}", write_step(session, step))
        if isinstance(step, Forward):
            found = [self.row(x) for x in dict.fromkeys(step.inputs)]
            if step.inputs:
                found.insert(0, Item("computed as", with_numbers(step.node)))
            if is_taken:
                found.append(Item("result", format_number(step.data), None, step.node))
            return [head, *found]
        touched = step.operand if isinstance(step, Backward) else step.node
        sums = [
            Item("sum so far", format_number(step.before)),
            Item("sum after it", format_number(step.after), None, None, write_grad(session, touched)),
        ]
        if isinstance(step, Seed):
            return [head, Item("seed", format_number(step.seed)), *sums, self.row(step.node)]
        numbers = [
            Item("local gradient", f"{write_local(session, step)} = {format_number(step.local)}"),
            Item("upstream gradient", f"{write_grad(session, step.node)} = {format_number(step.upstream)}"),
            Item("contribution", format_number(step.contribution)),
        ]
        return [head, *numbers, *sums, self.row(step.node, f"from {session.names[step.node]}"),
                self.row(touched, f"to {session.names[touched]}")]  # fmt: skip

    def _values(self) -> list[Item]:
        made = self.session.walk.order[: self.session.position]
        return [self._number(x, self.session.numbers(x)[0], "data") for x in made if not self._is_plain(x)]

    def _gradients(self) -> list[Item]:
        grad = self.session.moment.grad
        return [
            self._number(x, format_number(grad(x)), "grad")
            for x in reversed(self.session.walk.order)
            if not self._is_plain(x) and grad(x) is not None
        ]

    def _number(self, node: Value, value: str, what: str) -> Item:
        name = self.session.names[node]
        return Item(name, value, lambda: self._inside(node), node, f"{name}.{what}", what == "data")

    def _is_plain(self, node: Value) -> bool:
        return self.session.names.is_number(node)

    def _named(self) -> list[Item]:
        order, called = self.session.walk.order, self.session.names
        mine = names(self.session.variables)
        known = [node for node in order if node in mine or called.given(node)]
        return [self.row(node) for node in known if not self._is_plain(node)]

    def _tree(self) -> Items:
        """Return the parameters as a tree: the parts of their names, such as ``layer1.neuron0.w0``, are its levels."""
        order, called = self.session.walk.order, self.session.names
        tree: dict[str, Any] = {}
        for place in self._parameters:
            *parts, last = called[order[place]].split(".")
            branch = tree
            for part in parts:
                inner = branch.setdefault(part, {})
                branch = inner if isinstance(inner, dict) else branch.setdefault(f"{part}.", {})
            branch[last if not isinstance(branch.get(last), dict) else f"{last}."] = order[place]
        return self._branch(tree)

    def _branch(self, tree: dict[str, Any]) -> Items:
        found = []
        for name, thing in tree.items():
            if isinstance(thing, dict):
                found.append(Item(name, _count(thing), partial(self._branch, thing)))
            else:
                found.append(self.row(thing, name))
        return _grouped(found)


def _count(tree: dict[str, Any]) -> str:
    waiting, total = [tree], 0
    while waiting:
        for thing in waiting.pop().values():
            if isinstance(thing, dict):
                waiting.append(thing)
            else:
                total += 1
    return f"{total:,} parameter{'s' * (total != 1)}"


def _grouped(items: Sequence[Item], size: int = GROUP) -> Items:
    """Return rows, in groups if they are many, so that an editor asks for those alone that are opened."""
    if len(items) <= size:
        return items
    step = size
    while len(items) > step * size:
        step *= size
    return [
        Item(f"{part[0].name} … {part[-1].name}", f"{len(part):,} numbers", partial(_grouped, part, size))
        for part in (items[start : start + step] for start in range(0, len(items), step))
    ]
