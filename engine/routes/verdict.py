"""The verdict on an operation: its rule against central differences, and random graphs by all routes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from ..check import Report, check_operation
from ..errors import DomainError, GradientMismatchError, OperationError, StepgradError
from ..operation import TABLE, Operation, leaf
from ..program.native.compiler import CompilerError
from ..program.program import Program
from ..support.text import counted, format_number
from ..value import BUILT_IN, Value
from .agreement import disagreements, higher_disagreements
from .recipe import Part, Recipe, random_recipe
from .route import Route, native_as, routes

TRIES = 10  # random graphs for each that has a value and contains the operation


@dataclass(frozen=True)
class Verdict:
    """What was found out about an operation."""

    operation: str
    samples: int  # at which its derivatives, and those of them, were measured
    graphs: int  # that were computed by all routes
    routes: int
    trouble: str = ""  # what is wrong; empty if nothing is
    limits: tuple[str, ...] = ()  # what the operation cannot do, such as run in C

    @property
    def is_right(self) -> bool:
        """Whether nothing was found to be wrong."""
        return not self.trouble

    def __str__(self) -> str:
        if self.trouble:
            return f"{self.operation}: WRONG, {self.trouble.partition(chr(10))[0].rstrip(':')}"
        looked = (
            f"{counted(self.samples, 'sample')}, {counted(self.graphs, 'graph')} by {counted(self.routes, 'route')}"
        )
        return f"{self.operation}: ok, {looked}" + "".join(f"; {limit}" for limit in self.limits)


def verify_operation(operation: Operation, graphs: int = 200, seed: int = 0) -> Verdict:
    """Try an operation out: its derivatives against central differences, and random graphs by all routes.

    The graphs mix it with operations of the table; the first operands are near its samples.

    Args:
        operation: an entry of the table, usually one of yours.
        graphs: how many random graphs to compute.
        seed: of the random graphs.

    >>> from engine import register, unregister
    >>> cube = register("cube", lambda x: x * x * x, lambda x, out: (3.0 * x * x,))
    >>> print(verify_operation(cube, graphs=20))
    cube: ok, 4 samples, 20 graphs by 18 routes
    >>> unregister("cube")
    """
    samples, trouble, tried = len(operation.samples), _against_differences(operation), 0
    with native_as("list"):
        ways, limits = _ways(operation)
        for recipe in _graphs(operation, graphs, seed) if not trouble else ():
            tried += 1
            try:
                found = disagreements(recipe, ways)
            except CompilerError as error:  # such as a full disk; the other routes go on
                ways, limits = routes(["python"]), [*limits, f"not in C: {error}"]
                found = disagreements(recipe, ways)
            if found := found or higher_disagreements(recipe):
                trouble = f"routes disagree: {found[0]}"
                break
    if not tried and not trouble:
        trouble = "no random graph with it has a value: give samples=((x, ...), ...) in its domain"
    return Verdict(operation.name, samples, tried, len(ways), trouble, tuple(limits))


def _ways(operation: Operation) -> tuple[list[Route], list[str]]:
    """Return the routes that can take an operation, and why others cannot."""
    backends, limits = [], []
    root = operation(*map(Value, operation.samples[0]))
    for backend in ("python", "native"):
        try:
            Program(root, backend=backend)()
        except StepgradError as error:
            limits.append(f"not in {'C' if backend == 'native' else 'programs'}: {error}")
            if backend == "python":
                break
        else:
            backends.append(backend)
    ways = routes(backends)
    return ways if backends else [way for way in ways if "Program" not in way.name], limits


def _against_differences(operation: Operation) -> str:
    """Return how the rule disagrees with central differences; empty if it does not."""
    try:
        reports: Sequence[Report] = check_operation(operation)
    except GradientMismatchError as error:
        row = next(row for row in error.report.rows if not row.agrees)
        found, measured = format_number(row.backpropagated, 10), format_number(row.numeric, 10)
        return f"by its rule {found} with respect to {row.name}, by central differences {measured}\n{error.report}"
    except StepgradError as error:
        return f"at a sample, {error}"
    except Exception as error:
        return f"its rule or its value raises {type(error).__name__}: {error}"
    unmeasured = [row for report in reports for row in report.rows if row.trouble]
    return f"{unmeasured[0].name} = {unmeasured[0].at!r} {unmeasured[0].verdict}" if unmeasured else ""


def _graphs(operation: Operation, count: int, seed: int) -> Iterator[Recipe]:
    """Yield random recipes with an operation that have a value."""
    built_in = [TABLE[name] for name in sorted(BUILT_IN)]  # not those of yours: their mistakes would be blamed on this
    operations = [*built_in, *[operation] * len(built_in)]
    found = 0
    for number in range(TRIES * count):
        draw = Random(f"{seed} {operation.name} {number}")
        extreme = draw.choice((0.0, 0.0, 0.05, 0.25))
        recipe = random_recipe(draw, operations, draw.choice((1, 2, 4, 8, 16)), draw.randint(1, 4), extreme)
        if draw.random() < 0.7 or operation.name not in {part.operation.name for part in recipe.parts}:
            recipe = _with_sample(draw, operation, recipe)
        try:
            root = recipe.root()
        except (DomainError, OperationError):
            continue
        if isinstance(root, Value):
            found += 1
            yield recipe
        if found == count:
            return


def _with_sample(draw: Random, operation: Operation, recipe: Recipe) -> Recipe:
    """Return a recipe whose root meets the operation at one of its samples, or near it."""
    count, near = len(recipe.parts), draw.choice((0.0, 0.0, 1e-3, 0.1))
    numbers = [x * (1.0 + near * draw.uniform(-1.0, 1.0)) for x in draw.choice(operation.samples)]
    operands = tuple(range(count, count + len(numbers)))
    together = TABLE[draw.choice(("add", "mul", "sub"))]
    end = Part(operation, operands), Part(together, (count - 1, count + len(numbers)))
    return Recipe((*recipe.parts, *(Part(leaf, number=x) for x in numbers), *end))
