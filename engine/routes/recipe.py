"""Recipes: graphs as plain data, from which each route makes a graph of its own; random ones, and smaller ones."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any, NamedTuple, TypeVar

from ..operation import TABLE, Operation, constant, leaf
from ..value import Value

T = TypeVar("T")

NICE = (0.0, 1.0, -1.0, 2.0, 0.5, -2.0, 3.0, -0.5)
EXTREME = (
    -0.0, 5e-324, -5e-324, 1e-310, 2.2250738585072014e-308, 1.7976931348623157e308, -1e308, 1e200, -1e200, 1e154,
    1e-154, 1e-200, 1e16, 1e-16, 9007199254740993.0, math.pi, math.inf, -math.inf, math.nan, 709.0, -745.0, 40.0, -40.0,
    1e5,
)  # fmt: skip
EXPONENTS = (2.0, 3.0, -1.0, 0.5, -0.5, 1.0, 0.0, -2.0, 4.0, 1.5, 1 / 3, 7.0, 2.5)
FACTORS = (1.0, 1.0, 0.5, -1.0, 2.0, 0.0)  # of a parameter's usual number
SIGNS = {"add": "+", "sub": "-", "mul": "*", "div": "/", "mod": "%", "pow": "**"}


class Part(NamedTuple):
    """A node of a recipe: an operation on earlier parts, or a leaf or a constant with a number."""

    operation: Operation
    operands: tuple[int, ...] = ()
    number: float = 0.0


class Recipe(NamedTuple):
    """A graph as plain data: parts, operands before results, the root last.

    >>> from engine import tanh
    >>> recipe = Recipe((Part(leaf, number=2.0), Part(TABLE["mul"], (0, 0)), Part(tanh, (1,))))
    >>> recipe.root()
    Value(0.999329, grad=not computed, op='tanh')
    >>> print(recipe)
    v0 = Value(2.0)
    v1 = v0 * v0
    v2 = tanh(v1)
    """

    parts: tuple[Part, ...]

    @property
    def places(self) -> list[int]:
        """The places of the leaves."""
        return [place for place, part in enumerate(self.parts) if part.operation is leaf]

    @property
    def numbers(self) -> list[float]:
        """The numbers of the leaves."""
        return [self.parts[place].number for place in self.places]

    def at(self, numbers: Sequence[float]) -> Recipe:
        """Return the recipe with other numbers in its leaves."""
        given = iter(numbers)
        return Recipe(tuple(p._replace(number=next(given)) if p.operation is leaf else p for p in self.parts))

    def made(self, leaves: Sequence[Any]) -> list[Any]:
        """Return what each part is, made from leaves by operators and functions, as in a program of yours."""
        given = iter(leaves)
        found: list[Any] = []
        for operation, operands, number in self.parts:
            if operation is leaf:
                found.append(next(given))
            elif operation is constant:
                found.append(number)
            else:
                found.append(operation(*(found[x] for x in operands)))
        return found

    def of(self, *leaves: Any) -> Any:
        """Return the root, made from leaves."""
        return self.made(leaves)[-1]

    def root(self) -> Any:
        """Return the root, made from new Values."""
        return self.of(*map(Value, self.numbers))

    def __str__(self) -> str:
        """Return a program to paste."""
        lines = []
        for place, (operation, operands, number) in enumerate(self.parts):
            names = [f"v{x}" for x in operands]
            if operation is leaf or operation is constant:
                written = f"float('{number}')" if number - number != 0.0 else repr(number)
                text = f"Value({written})" if operation is leaf else written
            elif operation.name in SIGNS:
                text = f" {SIGNS[operation.name]} ".join(names)
            else:
                given = [f"{name}={parameter!r}" for name, parameter in operation.parameters.items()]
                text = f"{operation.name}({', '.join([*names, *given])})"
            lines.append(f"v{place} = {text}")
        return "\n".join(lines)


def random_recipe(
    draw: Random, operations: Sequence[Operation], size: int, leaves: int, extreme: float = 0.0
) -> Recipe:
    """Return a random recipe, of at most so many operations.

    Operands are mostly recent parts, often one twice; half of the operations are sums and products.

    Args:
        draw: the source of chance.
        operations: what to choose from; sums and products come in any case.
        size: how many operations.
        leaves: how many leaves; those that are not used are left out.
        extreme: the share of huge and tiny numbers, and of those that are not finite.
    """
    parts = [Part(leaf, number=random_number(draw, extreme)) for _ in range(leaves)]
    usual = [TABLE[name] for name in ("add", "sub", "mul", "mul")]
    for _ in range(size):
        count = len(parts)
        if draw.random() < 0.08:
            parts.append(Part(constant, number=random_number(draw, extreme)))
            continue
        operation = _with_parameters(draw, draw.choice(operations if draw.random() < 0.6 else usual), extreme)
        chosen = [_some(draw, count) for _ in range(operation.arity)]
        if draw.random() < 0.12:
            chosen = chosen[:1] * operation.arity
        parts.append(Part(operation, tuple(chosen)))
    return pruned(Recipe(tuple(parts)))


def random_number(draw: Random, extreme: float) -> float:
    """Return a number: mostly moderate, sometimes round, sometimes extreme."""
    chance = draw.random()
    if chance < extreme:
        return draw.choice(EXTREME)
    return draw.choice(NICE) if chance < extreme + 0.25 else draw.gauss(0.0, 1.5)


def _some(draw: Random, count: int) -> int:
    recent = count - 1 - min(int(draw.expovariate(0.35)), count - 1)
    return recent if draw.random() < 0.7 else draw.randrange(count)


def _with_parameters(draw: Random, operation: Operation, extreme: float) -> Operation:
    if operation.name in ("maximum", "minimum") and draw.random() < 0.3:
        return operation.of(draw.randint(3, 5))
    if operation.name == "power":
        is_usual = draw.random() > extreme / 2.0
        return operation.bind(exponent=draw.choice(EXPONENTS) if is_usual else random_number(draw, extreme))
    return operation.bind(**{name: usual * draw.choice(FACTORS) for name, usual in operation.parameters.items()})


def pruned(recipe: Recipe) -> Recipe:
    """Return a recipe without the parts that its root does not depend on."""
    needed = {len(recipe.parts) - 1}
    for place in range(len(recipe.parts) - 1, -1, -1):
        if place in needed:
            needed.update(recipe.parts[place].operands)
    kept = sorted(needed)
    new = {old: place for place, old in enumerate(kept)}
    return Recipe(tuple(_moved(recipe.parts[old], new.__getitem__) for old in kept))


def _moved(part: Part, new: Callable[[int], int]) -> Part:
    return part._replace(operands=tuple(map(new, part.operands)))


def shrunk(recipe: Recipe, found: T, fails: Callable[[Recipe], T | None], tries: int = 2_000) -> tuple[Recipe, T]:
    """Return a smaller recipe that still fails, and what was found out about it.

    Args:
        recipe, found: one that fails, and what ``fails`` returned for it.
        fails: returns something true about a recipe that fails.
        tries: how many recipes to try at most.
    """
    waiting = _smaller(recipe)
    for _ in range(tries):
        smaller = next(waiting, None)
        if smaller is None:
            break
        if trouble := fails(smaller):
            recipe, found, waiting = smaller, trouble, _smaller(smaller)
    return recipe, found


def _smaller(recipe: Recipe) -> Iterator[Recipe]:
    """Yield recipes that are smaller, or have simpler numbers."""
    parts = recipe.parts
    for place in range(len(parts) - 1):
        yield pruned(Recipe(parts[: place + 1]))
    for place in range(len(parts) - 1, -1, -1):
        for operand in dict.fromkeys(parts[place].operands):  # a part replaced by one of its operands
            if place == len(parts) - 1:
                yield pruned(Recipe(parts[: operand + 1]))
            else:
                yield pruned(Recipe(tuple(_moved(p, lambda x, a=place, b=operand: b if x == a else x) for p in parts)))  # type: ignore[misc]
        if parts[place].operands:
            yield pruned(Recipe((*parts[:place], Part(leaf, number=2.0), *parts[place + 1 :])))
        elif parts[place].operation is leaf:
            yield Recipe((*parts[:place], Part(constant, number=parts[place].number), *parts[place + 1 :]))
    for place, part in enumerate(parts):
        if not part.operands and part.number not in NICE:
            simpler = [*NICE, *(float(f"{part.number:.{digits}e}") for digits in range(3))]
            for number in simpler[: None if math.isfinite(part.number) else len(NICE)]:
                if repr(number) != repr(part.number):
                    yield Recipe((*parts[:place], part._replace(number=number), *parts[place + 1 :]))
