"""Whether all routes to the numbers of a graph agree: to the last bit, within rounding, or in the error they raise."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from sys import float_info
from typing import NamedTuple

from ..derivatives import grad
from ..errors import DomainError, OperationError, StepgradError, UndefinedDerivativeError
from ..graph import topological_order
from ..program.native.compiler import CompilerError
from ..slope import Undefined, is_number
from ..support.text import format_number
from ..value import Value
from .recipe import Recipe, shrunk
from .route import Route, elsewhere, second_order, third_order

TAME = 1e-20, 1e20  # local gradients whose products neither overflow nor underflow
MAX_NODES = 14  # of a graph whose second derivatives are compared
MAX_LEAVES = 3
HigherOrder = Callable[[Recipe], Mapping[str, Sequence[float]]]
ROUNDING = 8.0 * float_info.epsilon  # of a sum of products, relative to the sizes of its terms, for each node


class Outcome(NamedTuple):
    """What a route gave: numbers, or the error that it raised."""

    numbers: Sequence[float] = ()
    error: str = ""  # the kind of error, and the beginning of its message
    is_outside: bool = False  # whether an operation has no value

    def __str__(self) -> str:
        return self.error or ", ".join(format_number(x, 17) for x in self.numbers)


class Disagreement(NamedTuple):
    """A graph on which two routes disagree."""

    recipe: Recipe
    route: str
    expected: str
    found: str

    def __str__(self) -> str:
        return f"{self.route} gives {self.found}\ninstead of {self.expected}\nfor\n{self.recipe}"


def outcome(route: Route, recipe: Recipe) -> Outcome:
    """Return what a route gives for a recipe.

    Raises:
        CompilerError: it needs native code, which cannot be built or kept at the moment.
    """
    try:
        return Outcome(route.run(recipe))
    except CompilerError:
        raise
    except StepgradError as error:
        is_outside = isinstance(error, DomainError) and not isinstance(error, UndefinedDerivativeError)
        sentence = re.split(r":| with respect to", str(error))[0]  # routes meet several that do not exist in any order
        return Outcome(error=f"{type(error).__name__}: {sentence}", is_outside=is_outside)
    except Exception as error:
        return Outcome(error=f"{type(error).__name__}: {error}")


def disagreements(recipe: Recipe, routes: Sequence[Route]) -> list[Disagreement]:
    """Return the routes that do not give what the first one does, each with the smallest graph that was found.

    Raises:
        CompilerError: a route needs native code, which cannot be built or kept at the moment.
    """
    found = []
    for route in routes[1:]:
        differs = partial(_outcomes, first=routes[0], other=route)
        if outcomes := differs(recipe):
            small, (expected, other) = shrunk(recipe, outcomes, differs)
            found.append(Disagreement(small, route.name, f"{expected} by {routes[0].name}", str(other)))
    return found


def _outcomes(recipe: Recipe, first: Route, other: Route) -> tuple[Outcome, Outcome] | None:
    """Return what two routes give for a recipe; None if they agree, or there is no graph."""
    if not isinstance(_root(recipe), Value):
        return None
    expected = outcome(first, recipe)
    if expected.is_outside:
        return None
    found = outcome(other, recipe)
    return None if _agree(recipe, expected, found, other) else (expected, found)


def _agree(recipe: Recipe, expected: Outcome, found: Outcome, route: Route) -> bool:
    if found.is_outside and "elsewhere" in route.name:
        return _root(elsewhere(recipe)) is None  # there is no graph to replay
    if expected.error or found.error:
        return expected.error == found.error
    if route.agrees == "rounding":
        return _is_near(recipe, expected.numbers, found.numbers)
    bits = _bits if route.agrees == "bits" else lambda x: _bits(0.0 + x)
    return list(map(bits, expected.numbers)) == list(map(bits, found.numbers))


def _root(recipe: Recipe) -> Value | float | None:
    """Return the root of a recipe's graph; None if an operation has no value."""
    try:
        return recipe.root()  # type: ignore[no-any-return]
    except DomainError:
        return None


def _bits(x: float) -> str:
    """Return what tells numbers apart that differ in any bit; 0.0 and -0.0 are different."""
    return "undefined" if isinstance(x, Undefined) else float(x).hex()


def _is_near(recipe: Recipe, expected: Sequence[float], found: Sequence[float]) -> bool:
    """Return whether numbers agree within rounding, relative to the sizes of what was added to each."""
    if [isinstance(x, Undefined) for x in expected] != [isinstance(x, Undefined) for x in found]:
        return False
    sizes = sizes_of(recipe)
    if sizes is None:
        return True
    allowed = ROUNDING * len(recipe.parts)
    pairs = zip(expected, found, sizes, strict=True)
    return all(isinstance(x, Undefined) or abs(x - y) <= allowed * size for x, y, size in pairs)


def sizes_of(recipe: Recipe) -> list[float] | None:
    """Return for the root and for each leaf how much rounding may weigh: the sum of what was added, without signs.

    It is None where a number is not finite, or a product of local gradients may overflow or underflow.
    """
    leaves = list(map(Value, recipe.numbers))
    root = recipe.of(*leaves)
    order = topological_order(root)
    size = dict.fromkeys(order, 0.0)
    size[root] = 1.0
    for node in reversed(order):
        if not math.isfinite(node.data):
            return None
        for operand, local in zip(node.inputs, node.local_grads, strict=True):
            if is_number(local) and local != 0.0:
                if not TAME[0] < abs(local) < TAME[1]:
                    return None
                size[operand] += abs(local) * size[node]
    if not all(x == 0.0 or 1e-100 < x < 1e100 for x in size.values()):
        return None
    return [abs(root.data), *(size.get(leaf, 0.0) for leaf in leaves)]


def higher_disagreements(recipe: Recipe) -> list[Disagreement]:
    """Return how the routes to second and third derivatives of a small graph disagree."""
    found = []
    for order, by_route in ("second", second_order), ("third", third_order):
        differs = partial(_difference, by_route=by_route)
        if difference := differs(recipe):
            small, difference = shrunk(recipe, difference, differs)
            found.append(Disagreement(small, f"a route to {order} derivatives", "what another gives", difference))
    return found


def _is_small(recipe: Recipe) -> bool:
    return len(recipe.parts) <= MAX_NODES and 0 < len(recipe.places) <= MAX_LEAVES


def _difference(recipe: Recipe, by_route: HigherOrder) -> str:
    """Return what the routes to higher derivatives give, if it is not the same; an empty text if it is."""
    if not _is_small(recipe):
        return ""
    try:
        root = recipe.root()
        if not isinstance(root, Value) or sizes_of(recipe) is None:
            return ""
        found = by_route(recipe)
    except (DomainError, OperationError):
        return ""
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    first, *others = found.values()
    scale = _scale(recipe)
    for other in others:
        for x, y in zip(first, other, strict=True):
            if isinstance(x, Undefined) or isinstance(y, Undefined):
                if isinstance(x, Undefined) != isinstance(y, Undefined):
                    return str(found)
            elif abs(x - y) > ROUNDING * scale and repr(x) != repr(y):
                return str(found)
    return ""


def _scale(recipe: Recipe) -> float:
    """Return how large the numbers are that higher derivatives are computed from; infinite where they are not tame."""
    leaves = list(map(Value, recipe.numbers))
    firsts = grad(recipe.of(*leaves), leaves)
    scale = 1.0
    for first in firsts:
        for x in [first, *grad(first, leaves)]:
            for node in topological_order(x):
                if not math.isfinite(node.data):
                    return math.inf
                scale = max(scale, abs(node.data), *(abs(local) for local in node.local_grads if is_number(local)))
    return scale * scale * scale * len(topological_order(*firsts))
