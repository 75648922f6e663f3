"""Problems: small computations with friendly numbers, one operation a line."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import NamedTuple

from ..errors import GradientMismatchError, UsageError
from ..graph import leaves, recomputed
from ..name import Names
from ..notation.expression import parse
from ..notation.formulas import Symbol, total, write_expression
from ..paths import Paths
from ..steps.walk import Walk, walk
from ..support.text import did_you_mean, format_number, is_close
from ..value import Edge, Value

ROOT = "L"
RESULTS = "pqrsuv"  # no t, which looks like a plus in handwriting
INPUTS = "abc"
ARITHMETIC = "{0} + {1}", "{0} - {1}", "{0} * {1}"
SIMPLE = (*ARITHMETIC, "{0} ** 2", "{k} * {0}")
WITH_KINKS = "{0} / {1}", "relu({0})", "maximum({0}, {1})", "minimum({0}, {1})", "abs({0})"
SMOOTH = "tanh({0})", "sigmoid({0})", "exp({0})", "log({0})"
FACTORS = 2, 3, -2
WHOLE, HALVES = (1.0, 2.0, 3.0, 4.0, 5.0), (0.5, 1.0, 1.5, 2.0, 3.0, 4.0)
FINENESS = 8  # exact numbers are whole multiples of an eighth
MAX_SIZE, MIN_SIZE = 100.0, 0.02  # the latter of numbers that are not exact
ROOT_NAMES = "f", "g", "y", "out", "result"  # for the result of an expression that has no name


class Level(NamedTuple):
    """The problems of a level."""

    inputs: int  # how many inputs they have
    operations: int  # how many operations
    forms: tuple[str, ...]  # the operations, with {0} and {1} for the operands and {k} for a factor
    needed: tuple[str, ...] = ()  # forms one of which is in each problem; empty if none is required
    paths: int = 1  # how many paths, at least, lead from some input to the result
    numbers: tuple[float, ...] = WHOLE  # the sizes of the inputs
    is_exact: bool = True  # whether all numbers are whole eighths
    is_alive: bool = True  # whether no gradient is 0


LEVELS: Mapping[int, Level] = {
    1: Level(2, 1, ARITHMETIC, numbers=WHOLE[1:]),  # one sum, difference or product
    2: Level(3, 2, SIMPLE),  # two operations in a chain
    3: Level(2, 3, SIMPLE, paths=2),  # a node used twice, so that two paths meet
    4: Level(3, 4, (*SIMPLE, *WITH_KINKS), WITH_KINKS, 1, HALVES, is_alive=False),  # quotients, and kinks
    5: Level(3, 5, SIMPLE, ("{0} * {1}",), 3, HALVES),  # three and more paths
    6: Level(3, 4, (*SIMPLE, *SMOOTH), SMOOTH, 1, HALVES, is_exact=False),  # tanh, sigmoid, exp and log
}


@dataclass(frozen=True, eq=False)
class Problem:
    """A computation to ask about."""

    root: Value  # the result, which has a label
    text: str = ""  # the computation as it was typed, with its numbers; empty for a problem made by `make_problem`

    @cached_property
    def walk(self) -> Walk:
        """The forward and the backward pass, step by step."""
        return walk(self.root, accumulate=False)

    @property
    def order(self) -> Sequence[Value]:
        """All nodes, operands before results."""
        return self.walk.order

    @cached_property
    def names(self) -> Names:
        """The names of the nodes."""
        return Names(self.order)

    def called(self, node: Value) -> str:
        """Return the name of a node."""
        return self.names[node]

    def find(self, name: str) -> Value:
        """Return the node of this name; raise a UsageError if the problem has no such node."""
        found: Value | None = self.names.find(name)
        if found is None:
            known = [self.called(node) for node in self.named]
            raise UsageError(f"{self.text} has no node {name!r}{did_you_mean(name, known, 'it has')}")
        return found

    @cached_property
    def named(self) -> Sequence[Value]:
        """The nodes without the constants, operands before results."""
        return [node for node in self.order if not self.names.is_number(node)]

    @cached_property
    def inputs(self) -> Sequence[Value]:
        """The leaves, in the order of their names."""
        return sorted(leaves(self.root), key=self.called)

    @cached_property
    def results(self) -> Sequence[Value]:
        """The results of the steps, the root last."""
        return [node for node in self.order if node.inputs]

    def lines(self, latex: bool = False) -> list[str]:
        r"""Return the problem as text: the inputs, then a line for each step.

        >>> problem = Problem(parse("L = a * b", a=2, b=-3))
        >>> problem.lines(), problem.lines(latex=True)
        (['a = 2, b = -3', 'L = a * b'], ['a = 2, b = -3', 'L = a \\cdot b'])
        """
        given = ", ".join(f"{self.called(leaf)} = {format_number(leaf.data)}" for leaf in self.inputs)
        formulas = [Symbol("", node.op, tuple(Symbol(self.called(x)) for x in node.inputs)) for node in self.results]
        texts = [write_expression(formula, latex=latex) for formula in formulas]
        return [given, *(f"{self.called(node)} = {text}" for node, text in zip(self.results, texts, strict=True))]

    # --- derivatives ----------------------------------------------------------------------------------

    def gradient_of(self, node: Value) -> str:
        """Return how the gradient of a node is written, such as ``dL/da``."""
        return total(self.called(self.root), self.called(node))

    def grad(self, node: Value) -> float:
        """Return the gradient of a node."""
        return self.walk.at(len(self.walk)).grad(node) or 0.0

    def checked_grad(self, node: Value) -> float:
        """Return the gradient of a node; raise an error if central differences give another number, as on a kink."""
        return confirm(self.grad(node), self.slope(node), f"{self.gradient_of(node)} of {self.text or self.lines()}")

    def slope(self, node: Value) -> float:
        """Return the gradient of a node by central differences."""
        return slope(lambda x: self.moved({node: x}), node.data)

    def slope_along(self, path: Sequence[Edge]) -> float:
        """Return by central differences how fast the result changes if the change travels along one path alone."""

        def travel(x: float) -> float:
            for edge in reversed(path):
                operands = [operand.data for operand in edge.node.inputs]
                operands[edge.place] = x
                x = edge.node.op.evaluate(operands)
            return x

        return slope(travel, path[-1].operand.data)

    def moved(self, numbers: Mapping[Value, float]) -> float:
        """Return the result with other numbers in some nodes."""
        return recomputed(self.order, numbers)[self.root]

    def paths(self, node: Value) -> Paths:
        """Return the paths from the root to a node."""
        return Paths(self.order, node)


def slope(function: Callable[[float], float], x: float) -> float:
    """Return the derivative of a function of one number by central differences."""
    step = 1e-5 * max(1.0, abs(x))
    return (function(x + step) - function(x - step)) / (2.0 * step)


def confirm(answer: float, independent: float, name: str) -> float:
    """Return an answer if it agrees with one that was found without the chain rule; raise an error otherwise."""
    if not is_close(answer, independent, rtol=1e-4, atol=1e-6):
        raise GradientMismatchError(
            f"{name} is {format_number(answer)} by the graph and {format_number(independent)} without it; the point is "
            "on a kink or where the function is very steep, so choose other numbers"
        )
    return answer


def read_problem(text: str, numbers: Mapping[str, float]) -> Problem:
    """Read a problem from an expression and its numbers, as `engine.parse` does; its result gets a name if it has none.

    >>> read_problem("d = a*b; d + a", {"a": 2.0, "b": -3.0}).text
    'd = a*b; f = d + a, with a = 2, b = -3'
    """
    root = parse(text, **numbers)
    *before, last = (part.strip() for part in text.replace("\n", ";").split(";") if part.strip())
    if not root.label:
        taken = {node.label for node in walk(root, names={}).order}
        root.label = next(name for name in ROOT_NAMES if name not in taken)
        last = f"{root.label} = {last}"
    given = ", ".join(f"{name} = {format_number(number)}" for name, number in numbers.items())
    return Problem(root, f"{'; '.join([*before, last])}, with {given}")


def make_problem(level: int, random: Random) -> Problem:
    """Make a problem of a level.

    >>> make_problem(1, Random(1)).lines()
    ['a = 2, b = -3', 'L = b + a']
    """
    wanted = LEVELS[level]
    while True:
        lines = _lines(wanted, random)
        sizes = random.sample(wanted.numbers, wanted.inputs)
        numbers = {name: random.choice((1.0, 1.0, -1.0)) * size for name, size in zip(INPUTS, sizes, strict=False)}
        try:
            found = Problem(parse("\n".join(lines), **numbers))
        except ValueError:  # a number is not used, or an operation has no value
            continue
        for node, letter in zip(found.results[:-1], RESULTS, strict=False):
            node.label = letter  # in the order of the steps
        if _is_fit(found, wanted):
            return found


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


def _is_fit(found: Problem, level: Level) -> bool:
    """Return whether a problem is one of its level, with friendly numbers."""
    return (
        len(found.named) == level.inputs + level.operations
        and all(map(_is_sensible, found.results))
        and any(found.paths(leaf).count() >= level.paths for leaf in found.inputs)
        and all(_is_friendly(x, level) for node in found.named for x in (node.data, found.grad(node)))
        and (all if level.is_alive else any)(found.grad(leaf) for leaf in found.inputs)
    )


def _is_sensible(node: Value) -> bool:
    """Return whether a step has to be computed (not ``a - a``), away from kinks."""
    if len(set(node.inputs)) < len(node.inputs) and node.op.name not in ("add", "mul"):
        return False
    return node.op.kink is None or abs(node.op.kink(*(x.data for x in node.inputs))) >= 0.25


def _is_friendly(number: float, level: Level) -> bool:
    if level.is_exact:
        return abs(number) <= MAX_SIZE and (number * FINENESS).is_integer()
    return MIN_SIZE <= abs(number) <= MAX_SIZE
