"""What an editor shows of a moment: the step, values, gradients and parameters, as trees that open lazily."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import count
from typing import Any, NamedTuple, TypeVar

from ...backprop import Backward
from ...graph import consumers
from ...notation.formulas import with_numbers
from ...steps.update import Update
from ...steps.walk import Forward, Seed, Step
from ...support.text import change, format_number, printable
from ...value import Value
from ..session import Session
from ..statements import write_equation, write_grad, write_local, write_step
from .protocol import ProtocolError

GROUP = 100  # items that are shown without groups

Items = Sequence["Item"]
T = TypeVar("T")


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
        plain = session.names.is_number
        self._named_places = [place for place, node in enumerate(order) if not plain(node)]
        users, made_in = consumers(order), session.walk.made_in
        self._users = [[made_in(user) for user, _ in users[node]] for node in order]  # by places: numbers may change
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
            ("Values", self._values),
            ("Gradients", self._gradients),
            ("Parameters", self._tree),
        ]

    def of_line(self, node: Value) -> list[tuple[str, Callable[[], Items]]]:
        """Return the scopes of the user's statement that made a node: what it made, and the program's variables."""
        source = node.source
        made = [x for x in self.session.walk.order if x.source and source and x.source[:2] == source[:2]]
        return [
            ("Made here", lambda: self._rows(made, self.row)),
            ("Variables", self._named),
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
        users = [self.session.walk.order[place] for place in self._users[self.session.walk.made_in(node)]]
        if users:
            found.append(Item("used by", str(len(users)), lambda: self._rows(users, self.row)))
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
        if isinstance(step, Update):
            known = {"number": step.before, "gradient": step.gradient, "next number": step.after}
            found = [Item(name, format_number(x)) for name, x in known.items()]
            for name in {**step.state, **step.state_after}:
                state = format_number(step.state.get(name), absent="nothing"), format_number(step.state_after.get(name))
                found.append(Item(name, change(*state)))
            account = [Item(name, text) for name, text in step.account.items()]
            rule = [Item("rule", "; ".join(step.formulas), lambda: account)] if account else []
            return [head, *found, *rule, self.row(step.node)]
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

    def _values(self) -> Items:
        made = self._nodes()[: bisect_left(self._named_places, self.session.position)]
        return self._rows(made, lambda x: self._number(x, self.session.numbers(x)[0], "data"))

    def _gradients(self) -> Items:
        session, grad = self.session, self.session.moment.grad
        found = self._nodes()[::-1]
        if session.position <= session.walk.seed_index:  # leaves alone may have one
            found = [node for node in found if grad(node) is not None]
        return self._rows(found, lambda x: self._number(x, format_number(grad(x)), "grad"))

    def _number(self, node: Value, value: str, what: str) -> Item:
        name = self.session.names[node]
        return Item(name, value, lambda: self._inside(node), node, f"{name}.{what}", what == "data")

    def _nodes(self) -> list[Value]:
        return [self.session.walk.order[place] for place in self._named_places]

    def _named(self) -> Items:
        called = self.session.names
        return self._rows([node for node in self._nodes() if called.given(node)], self.row)

    def _tree(self) -> Items:
        """Return the parameters as a tree, whose levels are scopes, or parts of names such as ``layer1.neuron0.w0``."""
        order, called = self.session.walk.order, self.session.names
        tree: dict[str, Any] = {}
        for place in self._parameters:
            node = order[place]
            scopes = (part.replace(" ", "") for part in node.scope)
            *parts, last = [*map(printable, scopes), *called.in_scope(node).split(".")]
            branch = tree
            for part in parts:
                inner = branch.setdefault(part, {})
                branch = inner if isinstance(inner, dict) else branch.setdefault(f"{part}.", {})
            branch[last if not isinstance(branch.get(last), dict) else f"{last}."] = node
        return self._branch(tree)

    def _branch(self, tree: dict[str, Any]) -> Items:
        def row(part: tuple[str, Any]) -> Item:
            name, thing = part
            if isinstance(thing, dict):
                return Item(name, _count(thing), partial(self._branch, thing))
            return self.row(thing, name)

        return grouped(list(tree.items()), row, lambda part: part[0])

    def _rows(self, nodes: Sequence[Value], row: Callable[[Value], Item]) -> Items:
        return grouped(nodes, row, self.session.names.__getitem__)


def _count(tree: dict[str, Any]) -> str:
    waiting, total = [tree], 0
    while waiting:
        for thing in waiting.pop().values():
            if isinstance(thing, dict):
                waiting.append(thing)
            else:
                total += 1
    return f"{total:,} parameter{'s' * (total != 1)}"


def grouped(things: Sequence[T], row: Callable[[T], Item], name: Callable[[T], str]) -> Items:
    """Return the rows of things; of many, those of groups of them, so that an editor asks only for what is opened."""
    if len(things) <= GROUP:
        return list(map(row, things))
    size = GROUP
    while len(things) > size * GROUP:
        size *= GROUP
    parts = [things[start : start + size] for start in range(0, len(things), size)]
    return [
        Item(f"{name(part[0])} … {name(part[-1])}", f"{len(part):,} numbers", partial(grouped, part, row, name))
        for part in parts
    ]
