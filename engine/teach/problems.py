"""Problems: small random computations with friendly numbers, one operation a line."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import NamedTuple

from ..graph import leaves, topological_order
from ..notation.expression import parse
from ..notation.formulas import statement
from ..notation.symbols import Symbol, written
from ..ops import constant
from ..paths import Edge, Paths
from ..steps.walk import Walk, walk
from ..value import Value
from ..words.mistakes import route

ROOT = "L"
RESULTS = "pqrsuv"  # no t, which looks like a plus in handwriting
INPUTS = "abc"
ARITHMETIC = "{0} + {1}", "{0} - {1}", "{0} * {1}"
SIMPLE = (*ARITHMETIC, "{0} ** 2", "{k} * {0}")
WITH_KINKS = "{0} / {1}", "relu({0})", "maximum({0}, {1})", "minimum({0}, {1})", "abs({0})"
SMOOTH = "tanh({0})", "sigmoid({0})", "exp({0})", "log({0})"
FACTORS = 2, 3, -2
WHOLE, HALVES = (1.0, 2.0, 3.0, 4.0, 5.0), (0.5, 1.0, 1.5, 2.0, 3.0, 4.0)
FINEST, LARGEST, LEAST = 8, 100.0, 0.02  # numbers are whole eighths, at most so large; inexact ones at least so large
OFF_THE_KINK = 0.25


class Level(NamedTuple):
    """Describe the problems of a level.

    Attributes:
        told: what they are like, in words.
        inputs: how many inputs they have.
        operations: how many operations.
        forms: the operations, with ``{0}``, ``{1}`` in the operands' places and ``{k}`` in that of a factor.
        needed: forms of which one must be there; none if anything will do.
        paths: so many paths must lead from some input to the result.
        numbers: the sizes of the inputs.
        exact: whether all numbers are whole eighths.
        alive: whether no gradient may be 0.
    """

    told: str
    inputs: int
    operations: int
    forms: tuple[str, ...]
    needed: tuple[str, ...] = ()
    paths: int = 1
    numbers: tuple[float, ...] = WHOLE
    exact: bool = True
    alive: bool = True


LEVELS: Mapping[int, Level] = {
    1: Level("one sum, difference or product", 2, 1, ARITHMETIC, numbers=WHOLE[1:]),
    2: Level("two operations in a chain", 3, 2, SIMPLE),
    3: Level("something is used twice, so that two paths meet", 2, 3, SIMPLE, paths=2),
    4: Level("quotients, and operations with a kink", 3, 4, (*SIMPLE, *WITH_KINKS), WITH_KINKS, 1, HALVES, alive=False),
    5: Level("three and more paths", 3, 5, SIMPLE, ("{0} * {1}",), 3, HALVES),
    6: Level("tanh, sigmoid, exp and log", 3, 4, (*SIMPLE, *SMOOTH), SMOOTH, 1, HALVES, exact=False),
}


@dataclass(frozen=True, eq=False)
class Problem:
    """Hold a computation of named steps.

    Attributes:
        root: the result; every node but constants has a label.
    """

    root: Value

    @cached_property
    def order(self) -> Sequence[Value]:
        """The nodes that have a name, operands before results."""
        return [node for node in topological_order(self.root) if node.op is not constant]

    @cached_property
    def nodes(self) -> Mapping[str, Value]:
        """The nodes by their names."""
        return {node.label: node for node in self.order}

    @cached_property
    def walk(self) -> Walk:
        """The forward and the backward pass, step by step."""
        return walk(self.root)

    @cached_property
    def inputs(self) -> Sequence[Value]:
        """What the problem starts from."""
        return sorted(leaves(self.root), key=lambda leaf: leaf.label)

    @cached_property
    def results(self) -> Sequence[Value]:
        """What the steps make, the root last."""
        return [node for node in self.order if node.inputs]

    @cached_property
    def numbers(self) -> Mapping[str, float]:
        """The number of each node, by its name."""
        return {node.label: node.data for node in self.order}

    def grad(self, node: Value) -> float:
        """Return the gradient of a node."""
        found = self.walk.at(len(self.walk)).grad(node)
        assert found is not None
        return found

    def lines(self, latex: bool = False) -> list[str]:
        r"""Return the problem as text: the inputs, then a line for each step.

        >>> problem = Problem(parse("L = a * b", a=2, b=-3))
        >>> problem.lines(), problem.lines(latex=True)
        (['a = 2, b = -3', 'L = a * b'], ['a = 2, b = -3', 'L = a \\cdot b'])
        """
        given = ", ".join(f"{leaf.label} = {leaf.data:g}" for leaf in self.inputs)
        return [given, *(f"{node.label} = {_written(node, latex)}" for node in self.results)]

    def paths(self, node: Value) -> list[list[Edge]]:
        """Return all paths from the root to a node.

        >>> problem = Problem(parse("p = a * b; L = p + a", a=2, b=-3))
        >>> [problem.route(path) for path in problem.paths(problem.nodes["a"])]
        ['L -> p -> a', 'L -> a']
        """
        return list(Paths(self.walk.order, node))

    def route(self, path: Sequence[Edge]) -> str:
        """Return a path as names, such as ``L -> p -> a``."""
        return route(path, name)


def _written(node: Value, latex: bool) -> str:
    if not latex:
        return statement(node, name)
    return written(Symbol("", node.op, tuple(Symbol(name(x)) for x in node.inputs)), latex=True)


def name(node: Value) -> str:
    """Return what a node of a problem is called: its label, or the number of a constant."""
    return node.label or f"{node.data:g}"


def problem(level: int, random: Random) -> Problem:
    """Make a problem of a level.

    >>> problem(1, Random(1)).lines()
    ['a = 2, b = -3', 'L = b + a']
    """
    wanted = LEVELS[level]
    while True:
        lines, numbers = _lines(wanted, random), _numbers(wanted, random)
        found = _recorded(lines, numbers)
        if found and _fits(found, wanted):
            return found


def _numbers(level: Level, random: Random) -> dict[str, float]:
    sizes = random.sample(level.numbers, level.inputs)
    return {name: random.choice((1.0, 1.0, -1.0)) * size for name, size in zip(INPUTS, sizes, strict=False)}


def _lines(level: Level, random: Random) -> list[str]:
    known, unused, lines = list(INPUTS[: level.inputs]), list(INPUTS[: level.inputs]), []
    for place in range(level.operations):
        result = ROOT if place == level.operations - 1 else RESULTS[place]
        first, second = random.choice(unused), random.choice(known)
        form = random.choice(level.needed if level.needed and place == level.operations // 2 else level.forms)
        lines.append(f"{result} = {form.format(first, second, k=random.choice(FACTORS))}")
        unused = [each for each in [*unused, result] if each not in (first, second if "{1}" in form else first)]
        known.append(result)
    return lines


def _recorded(lines: Sequence[str], numbers: Mapping[str, float]) -> Problem | None:
    """Return the problem of these lines; None where a number is not used, or an operation has no value."""
    try:
        found = Problem(parse("\n".join(lines), **numbers))
    except ValueError:
        return None
    for node, letter in zip(found.results[:-1], RESULTS, strict=False):
        node.label = letter  # in the order of the steps
    return found


def _fits(found: Problem, level: Level) -> bool:
    conditions: Sequence[Callable[[], bool]] = (
        lambda: len(found.order) == level.inputs + level.operations,
        lambda: all(_is_sensible(node) for node in found.results),
        lambda: any(len(found.paths(leaf)) >= level.paths for leaf in found.inputs),
        lambda: all(_is_friendly(x, level) for node in found.order for x in (node.data, found.grad(node))),
        lambda: (all if level.alive else any)(found.grad(leaf) for leaf in found.inputs),
    )
    return all(holds() for holds in conditions)


def _is_sensible(node: Value) -> bool:
    """Tell whether a step is no trick: not ``a - a``, nor on a kink, nor what is known without computing."""
    assert node.op is not None
    if len(set(node.inputs)) < len(node.inputs) and node.op.name not in ("add", "mul"):
        return False
    if node.op.kink is None:
        return True
    return abs(node.op.kink(*(x.data for x in node.inputs))) >= OFF_THE_KINK


def _is_friendly(number: float, level: Level) -> bool:
    if level.exact:
        return abs(number) <= LARGEST and (number * FINEST).is_integer()
    return LEAST <= abs(number) <= LARGEST
