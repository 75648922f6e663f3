"""The mistake lab: the smallest graph on which a backward pass goes wrong, and the step that differs."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from inspect import getsource
from itertools import product
from typing import Any, NamedTuple

from .. import ops
from ..drawing.drawing import Drawing, draw
from ..errors import DomainError
from ..notation.formulas import statement
from ..ops import TABLE, Operation
from ..step import Backward
from ..steps.walk import Walk, walk
from ..support.text import columns
from ..value import Value, new
from ..words.mistakes import MISTAKES
from .item import shown
from .problems import INPUTS, RESULTS, ROOT, name
from .rules import RULES, Rule
from .topics import chain_rule

LARGEST = 4  # nodes of a graph; every mistake of `RULES` shows below
SEVERAL = ops.add, ops.mul, ops.power  # what graphs of several operations are made of
NUMBERS = (2.0, 3.0, 5.0), (-2.0, 0.5, 3.0), (0.5, 0.25, 0.75)
CLOSE = {"rel_tol": 1e-9, "abs_tol": 1e-12}

Shape = tuple[tuple[Operation, tuple[int, ...]], ...]  # each operation, and which nodes before it are its operands


class Write(NamedTuple):
    """Hold that a backward pass wrote a gradient."""

    node: Value
    before: float | None
    after: float | None


@dataclass(frozen=True, eq=False)
class Failure:
    """Hold the smallest graph on which a backward pass goes wrong; printing it shows it.

    Attributes:
        walk: the steps that are right, and the graph.
        grads: the gradients that came out.
        step: the first step that was not taken as it should be; None where none was due.
        difference: this step and what was done in its place, or what the backward pass failed with, line by line.
        tried: how many graphs were tried.
    """

    walk: Walk
    grads: Mapping[Value, float | None]
    step: Backward | None
    difference: tuple[str, ...]
    tried: int

    @property
    def root(self) -> Value:
        """The graph's root."""
        return self.walk.root

    def draw(self) -> Drawing:
        """Return a picture of the graph, with the gradients that are right."""
        self.root.zero_grad()
        self.root.backward()
        return draw(self.root)

    def __str__(self) -> str:
        which = "the first graph tried" if self.tried == 1 else f"the smallest of {self.tried:,} graphs tried"
        return "\n".join(
            [
                f"It goes wrong on {_told(self.root)}, {which}:",
                "",
                *(f"  {line}" for line in columns(tree(self.root, self._grads_told))),
                "",
                *self.difference,
            ]
        )

    def _grads_told(self, node: Value) -> str:
        right, found = _final(self.walk, node), self.grads[node]
        if _same(found, right):
            return f"grad {shown(right)}"
        return f"grad {shown(right)}, but here {'none' if found is None else shown(found)}"


def smallest_failure(backward: Rule, largest: int = LARGEST) -> Failure | None:
    """Return the smallest graph on which a backward pass goes wrong; None if it is right on all that are tried.

    Graphs are tried in order of their size: all operations of the table alone, then combinations of several.

    Args:
        backward: takes the root of a graph in which each ``grad`` is 0.0, and leaves the gradients there.
            Nodes have ``data``, ``inputs`` and ``local_grads``.
        largest: the most nodes that a graph has.

    >>> from engine.teach.rules import assign
    >>> print(smallest_failure(assign))
    It goes wrong on L = a + a with a = 2, the smallest of 2 graphs tried:
    <BLANKLINE>
      L = a + a = 4  grad 1
      |- a = 2       grad 2, but here 1
      `- a           as above
    <BLANKLINE>
    The first step that differs:
      right:  L -> a: 1 * dL/dL = 1 * 1 = 1, so a.grad: 1 -> 2
      here:   a.grad: 1 -> 1
    """
    for tried, root in enumerate(graphs(largest), 1):
        steps = walk(root)
        copies, writes = _watched(steps)
        error = None
        try:
            backward(copies[root])
        except Exception as raised:  # a learner's function may do anything
            error = raised
        grads = {node: copies[node].grad for node in steps.order}
        if error:
            return Failure(steps, grads, None, (f"It failed with {type(error).__name__}: {error}",), tried)
        if not all(_same(grads[node], _final(steps, node)) for node in steps.order):
            return Failure(steps, grads, *_first_difference(steps, writes()), tried)
    return None


# --- all graphs ---------------------------------------------------------------------------------------


def graphs(largest: int) -> Iterator[Value]:
    """Yield graphs in order of their size, from one node to the largest, each with several choices of numbers."""
    yield Value(NUMBERS[0][0], INPUTS[0])
    for size in range(2, largest + 1):
        for numbers in NUMBERS:
            for inputs in range(min(size - 1, len(INPUTS)), 0, -1):  # few operations first
                for shape in _shapes(inputs, size - inputs):
                    root = _made(shape, numbers[:inputs])
                    if root is not None:
                        yield root


def _shapes(inputs: int, operations: int) -> Iterator[Shape]:
    """Yield the shapes of graphs in which everything is used, and inputs in the order of their names."""
    choice = [*SEVERAL, *(each for each in TABLE.values() if each not in SEVERAL)] if operations == 1 else SEVERAL
    places = range(inputs, inputs + operations)
    steps = ([(each, x) for each in choice for x in product(range(place), repeat=each.arity)] for place in places)
    for shape in product(*steps):
        met = list(dict.fromkeys(x for _, operands in shape for x in operands))
        if len(met) == inputs + operations - 1 and [x for x in met if x < inputs] == list(range(inputs)):
            yield shape


def _made(shape: Shape, numbers: Sequence[float]) -> Value | None:
    """Record a graph; return None where an operation has no value, or no derivative."""
    nodes = [Value(number, letter) for number, letter in zip(numbers, INPUTS, strict=False)]
    for operation, operands in shape:
        try:
            node = Value.__apply__(operation, tuple(nodes[x] for x in operands))
        except DomainError:
            return None
        if not all(map(math.isfinite, (node.data, *node.local_grads))):
            return None
        node.label = RESULTS[len(nodes) - len(numbers)]
        nodes.append(node)
    nodes[-1].label = ROOT
    return nodes[-1]


# --- watching -----------------------------------------------------------------------------------------

_SLOT: Any = vars(Value)["grad"]


class _Watched(Value):
    """Be a Value that notes each change of its gradient."""

    __slots__ = ("writes",)

    writes: list[tuple[_Watched, float | None, float | None]]

    @property
    def grad(self) -> float | None:
        return _SLOT.__get__(self)  # type: ignore[no-any-return]

    @grad.setter
    def grad(self, grad: float | None) -> None:
        self.writes.append((self, _SLOT.__get__(self), grad))
        _SLOT.__set__(self, grad)


def _watched(steps: Walk) -> tuple[Mapping[Value, Value], Callable[[], list[Write]]]:
    """Return a copy of each node with the gradient 0.0, and what tells what was written there since."""
    made: dict[Value, _Watched] = {}
    writes: list[tuple[_Watched, float | None, float | None]] = []
    for node in steps.order:
        copy = made[node] = new(_Watched)
        copy.data, copy.op, copy.note, copy.local_grads = node.data, node.op, node.note, node.local_grads
        copy.inputs = tuple(made[x] for x in node.inputs)
        copy.writes = writes
        _SLOT.__set__(copy, 0.0)
    originals = {copy: node for node, copy in made.items()}
    return made, lambda: [Write(originals[copy], before, after) for copy, before, after in writes]


def _first_difference(steps: Walk, writes: Sequence[Write]) -> tuple[Backward | None, tuple[str, ...]]:
    """Return the first step that was not taken as it should be, and say it and what was done in its place.

    Steps may come in any order in which nodes hand on complete gradients, and a gradient may be written whole.
    """
    root = steps.root
    waiting = [step for step in steps if isinstance(step, Backward)]
    times = Counter(write.node for write in writes if write.before or write.after)
    is_seeded = False
    for write in writes:
        before, after = write.before or 0.0, write.after or 0.0
        if write.node is root and after == 1.0 and not is_seeded:
            is_seeded = True
        elif before or after:
            incomplete = {step.operand for step in waiting}
            due = [step for step in waiting if step.operand is write.node]
            taken = [s for s in due if s.node not in incomplete and _same(before + s.contribution, after)][:1]
            if times[write.node] == 1 and _same(after, _final(steps, write.node)):
                taken = due
            if not taken:
                step = due[0] if due else None
                return step, _said(_due(write, step), f"{name(write.node)}.grad: {_change(write)}", step, incomplete)
            waiting = [step for step in waiting if step not in taken]
    step = waiting[0] if is_seeded else None
    seed = f"the seed: {name(root)}.grad: 0 -> 1"
    return step, _said(chain_rule(step) if step else seed, "nothing more is done")


def _due(write: Write, step: Backward | None) -> str:
    if step is None:
        return f"nothing more is added to {name(write.node)}.grad"
    right = write._replace(after=(write.before or 0.0) + step.contribution)
    return f"{chain_rule(step)}, so {name(write.node)}.grad: {_change(right)}"


def _said(right: str, here: str, step: Backward | None = None, incomplete: Container[Value] = ()) -> tuple[str, ...]:
    lines = "The first step that differs:", f"  right:  {right}", f"  here:   {here}"
    if step and step.node in incomplete:
        return *lines, f"  {name(step.node)}.grad is not complete yet, so it must not be handed on"
    return lines


def _final(steps: Walk, node: Value) -> float:
    grad = steps.at(len(steps)).grad(node)
    assert grad is not None
    return grad


def _same(found: float | None, right: float) -> bool:
    return found is not None and math.isclose(found, right, **CLOSE)


# --- telling ------------------------------------------------------------------------------------------


def tree(root: Value, told: Callable[[Value], str]) -> list[tuple[str, str]]:
    """Return a graph as the lines of a tree, each with what is told of its node.

    >>> a = Value(2.0, "a")
    >>> for line, _ in tree(a * a, lambda node: ""):
    ...     print(line)
    4 = a * a = 4
    |- a = 2
    `- a
    """
    lines: list[tuple[str, str]] = []
    seen: set[Value] = set()

    def grow(node: Value, first: str, rest: str) -> None:
        if node in seen:
            lines.append((first + name(node), "as above"))
            return
        seen.add(node)
        how = f"{statement(node, name)} = " if node.inputs else ""
        lines.append((f"{first}{name(node)} = {how}{shown(node.data)}", told(node)))
        for place, operand in enumerate(node.inputs, 1):
            is_last = place == len(node.inputs)
            grow(operand, rest + ("`- " if is_last else "|- "), rest + ("   " if is_last else "|  "))

    grow(root, "", "")
    return lines


def _told(root: Value) -> str:
    """Say a graph in a line."""
    order = walk(root).order
    lines = "; ".join(f"{name(node)} = {statement(node, name)}" for node in order if node.inputs)
    numbers = ", ".join(f"{name(node)} = {shown(node.data)}" for node in order if not node.inputs)
    return f"{lines} with {numbers}" if lines else f"{numbers} alone"


def _change(write: Write) -> str:
    before, after = ("none" if x is None else shown(x) for x in (write.before, write.after))
    return f"{before} -> {after}"


def listed() -> list[str]:
    """Return the broken rules as lines, each with its mistake."""
    return columns((code, MISTAKES[code].title) for code in RULES)


def told(rule: Rule, failure: Failure | None) -> list[str]:
    """Return what became of a rule, with its program, as lines."""
    lines = [getsource(rule)] if rule in RULES.values() else []
    if failure is None:
        return [*lines, f"It is right on all {sum(1 for _ in graphs(LARGEST)):,} graphs of up to {LARGEST} nodes."]
    return [*lines, str(failure)]
