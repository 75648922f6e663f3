"""The mistake lab: the smallest graph on which a backward pass goes wrong, and the step that differs."""

import math
from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from inspect import getsource
from itertools import product
from typing import Any, NamedTuple

from .. import ops
from ..backprop import Backward
from ..drawing.drawing import Drawing, draw
from ..errors import DomainError, UsageError
from ..graph import Node
from ..operation import TABLE, Operation, as_float
from ..recording.source import source_of
from ..support.text import counted, format_table, is_close
from ..value import Edge, Value, new
from ..words.mistakes import MISTAKES, format_partial
from ..words.tree import draw_tree
from .item import format_answer
from .problems import INPUTS, RESULTS, ROOT, Problem
from .rules import RULES, Rule
from .solution import write_step

MAX_WRITES = 100_000  # of gradients in one graph
MAX_NODES = 4  # of a graph; every mistake of `RULES` shows on graphs of this size
SEVERAL = ops.add, ops.mul, ops.power  # the operations of graphs with more than one
NUMBERS = (2.0, 3.0, 5.0), (-2.0, 0.5, 3.0), (0.5, 0.25, 0.75)

Shape = tuple[tuple[Operation, tuple[int, ...]], ...]  # each operation, and which nodes before it are its operands
Difference = tuple[Backward[Value] | None, tuple[str, ...]]  # the step that differs, and how, line by line


class Write(NamedTuple):
    """A change of a gradient by a backward pass."""

    node: Value
    before: float | None
    after: float | None

    def __str__(self) -> str:
        return f"{_format(self.before)} -> {_format(self.after)}"


@dataclass(frozen=True, eq=False)
class Failure:
    """The smallest graph on which a backward pass goes wrong; printing it prints a report.

    Attributes:
        problem, grads: the graph, and the gradients that the backward pass left.
        step: the first step that was not taken as it should be; None where no step was due.
        difference: this step and what was done instead, or the error of the backward pass, line by line.
        tried: how many graphs were tried.
    """

    problem: Problem
    grads: Mapping[Value, float | None]
    step: Backward[Value] | None
    difference: tuple[str, ...]
    tried: int

    @property
    def root(self) -> Value:
        """The graph's root."""
        return self.problem.root

    def draw(self) -> Drawing:
        """Draw the graph with the right gradients."""
        self.root.zero_grad()
        self.root.backward()
        return draw(self.root)

    def __str__(self) -> str:
        def wrong_grad(node: Value) -> str:
            grad = self.grads[node]
            return "" if _is_right(grad, self.problem.grad(node)) else _format(grad)

        count = f"the smallest of {counted(self.tried, 'graph')} tried" if self.tried > 1 else "the first graph tried"
        given, *lines = self.problem.lines()
        title = f"{'; '.join(lines)} with {given}" if lines else f"{given} alone"
        numbers = self.problem.walk.at(len(self.problem.walk))
        tree = draw_tree(self.problem.order, numbers, self.problem.names, more={"but here": wrong_grad})
        indented = (f"  {line}" for line in tree.lines)
        return "\n".join([f"It goes wrong on {title}, {count}:", "", *indented, "", *self.difference])


def find_smallest_failure(backward: Rule, largest: int = MAX_NODES) -> Failure | None:
    """Find the smallest graph on which a backward pass goes wrong.

    Graphs are tried in the order of their size: each operation of the table alone, then combinations of several.

    Args:
        backward: takes the root of a graph in which each ``grad`` is 0.0, and leaves the gradients there.
            Nodes have ``data``, ``inputs`` and ``local_grads``.
        largest: the maximum number of nodes of a graph.

    Returns:
        The failure; None if the backward pass is right on all graphs.

    >>> from engine.teach.rules import assign
    >>> print(find_smallest_failure(assign))
    It goes wrong on L = a + a with a = 2, the smallest of 2 graphs tried:
    <BLANKLINE>
                 data  local  grad  but here
      L = a + a  4            1
      ├─ a       2     1      2     1
      └─ a       2     1      2     1
    <BLANKLINE>
    The first step that differs:
      right:  L -> a: 1 * dL/dL = 1 * 1 = 1, so a.grad: 1 -> 2
      here:   a.grad: 1 -> 1
    """
    for tried, root in enumerate(make_graphs(largest), 1):
        problem = Problem(root)
        copies, writes = _watched(problem.order)
        error = ""
        try:
            backward(copies[root])
        except Exception as raised:  # a learner's function may do anything
            error = f"It failed with {type(raised).__name__}{_place_of(raised)}: {raised}"
        grads = {node: copies[node].grad for node in problem.order}
        if error:
            return Failure(problem, grads, None, (error,), tried)
        if not all(_is_right(grads[node], problem.grad(node)) for node in problem.order):
            return Failure(problem, grads, *_first_difference(problem, writes), tried)
    return None


def _place_of(error: BaseException) -> str:
    """Return where an error was raised: at the innermost line outside the engine and Python's own modules."""
    source = source_of(error)
    return f" at {source}" if source else ""


def list_rules() -> list[str]:
    """Return the broken rules as lines, each with its mistake."""
    return format_table((code, rule.__doc__ or "") for code, rule in RULES.items())


def describe_failure(rule: Rule, failure: Failure | None) -> list[str]:
    """Return the report on a rule as lines; those of `RULES` with their source and what is wrong with them."""
    code = next((code for code, each in RULES.items() if each is rule), "")
    lines = [getsource(rule)] if code else []
    if failure is None:
        count = sum(1 for _ in make_graphs(MAX_NODES))
        return [*lines, f"It is right on all {counted(count, 'graph')} of up to {MAX_NODES} nodes."]
    lines.append(str(failure))
    if code:
        words = {"factors": "The local and the upstream gradient", "operands": ""}
        if failure.step:
            edge, called = Edge(failure.step.node, failure.step.position), failure.problem.called
            words |= {"node": called(edge.node), "local": format_partial(edge, called)}
        lines += ["", MISTAKES[code].format(**words)]
    return lines


def make_graphs(largest: int) -> Iterator[Value]:
    """Yield graphs in the order of their size, from one node to the largest, each with several choices of numbers."""
    yield Value(NUMBERS[0][0], INPUTS[0])
    for size in range(2, largest + 1):
        for numbers in NUMBERS:
            for inputs in range(min(size - 1, len(INPUTS)), 0, -1):  # few operations first
                for shape in _shapes(inputs, size - inputs):
                    root = _made(shape, numbers[:inputs])
                    if root is not None:
                        yield root


def _shapes(inputs: int, operations: int) -> Iterator[Shape]:
    """Yield the shapes of graphs in which every node is used, and the inputs in the order of their names."""
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


_SLOT: Any = vars(Node)["grad"]


class _Watched(Value):
    """A Value that records each change of its gradient."""

    __slots__ = ("original", "writes")

    original: Value
    writes: list[Write]

    @property
    def grad(self) -> float | None:
        return _SLOT.__get__(self)  # type: ignore[no-any-return]

    @grad.setter
    def grad(self, grad: float | None) -> None:
        grad = None if grad is None else as_float(grad, "grad")
        self.writes.append(Write(self.original, _SLOT.__get__(self), grad))
        if len(self.writes) > MAX_WRITES:
            raise UsageError(f"it changed gradients {MAX_WRITES:,} times; does a loop have no end?")
        _SLOT.__set__(self, grad)


def _watched(order: Sequence[Value]) -> tuple[Mapping[Value, Value], list[Write]]:
    """Return a copy of each node with the gradient 0.0, and a list to which they add all changes of gradients."""
    made: dict[Value, _Watched] = {}
    writes: list[Write] = []
    for node in order:
        copy = made[node] = new(_Watched)
        copy.data, copy.op, copy.note, copy.local_grads = node.data, node.op, node.note, node.local_grads
        copy.inputs = tuple(made[x] for x in node.inputs)
        copy.original, copy.writes = node, writes
        _SLOT.__set__(copy, 0.0)
    return made, writes


def _first_difference(problem: Problem, writes: Sequence[Write]) -> Difference:
    """Return the first step that differs, and how.

    Steps may come in any order in which only complete gradients are passed on, and a gradient may be written whole.
    """
    root = problem.root
    waiting = [step for step in problem.walk if isinstance(step, Backward)]
    times = Counter(write.node for write in writes if write.before or write.after)
    is_seeded = False
    for write in writes:
        before, after = write.before or 0.0, write.after or 0.0
        if write.node is root and after == 1.0 and not is_seeded:
            is_seeded = True
        elif before or after:
            incomplete = {step.operand for step in waiting}
            due = [step for step in waiting if step.operand is write.node]
            taken = [s for s in due if s.node not in incomplete and _is_right(before + s.contribution, after)][:1]
            if times[write.node] == 1 and _is_right(after, problem.grad(write.node)):
                taken = due
            if not taken:
                return _wrong_write(problem, write, due[0] if due else None, incomplete)
            waiting = [step for step in waiting if step not in taken]
    step = waiting[0] if is_seeded else None
    right = write_step(problem, step) if step else f"the seed: {problem.called(root)}.grad: 0 -> 1"
    return step, _compared(right, "nothing more is done")


def _wrong_write(
    problem: Problem, write: Write, due: Backward[Value] | None, incomplete: Container[Value]
) -> Difference:
    grad = f"{problem.called(write.node)}.grad"
    if due is None:
        return None, _compared(f"nothing more is added to {grad}", f"{grad}: {write}")
    better = write._replace(after=(write.before or 0.0) + due.contribution)
    lines = _compared(f"{write_step(problem, due)}, so {grad}: {better}", f"{grad}: {write}")
    if due.node in incomplete:
        lines += (f"  {problem.called(due.node)}.grad is not complete yet, so it must not be passed on",)
    return due, lines


def _compared(right: str, here: str) -> tuple[str, ...]:
    return "The first step that differs:", f"  right:  {right}", f"  here:   {here}"


def _is_right(found: float | None, right: float) -> bool:
    return found is not None and is_close(found, right, atol=1e-12)


def _format(grad: float | None) -> str:
    return "None" if grad is None else format_answer(grad)
