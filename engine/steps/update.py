"""The update: what an optimiser makes of the parameters and their gradients, behind the backward pass.

The engine has no optimisers. It takes what updates parameters as it is: anything whose ``step()`` changes the numbers
of Values, such as an optimiser of `nn` or one of your own; it takes that step with a copy, so that the new numbers are
the optimiser's own to the last bit and nothing of yours is changed. How they are computed can be told, too, if there is
a method ``updated(p, g, state)`` in operators and functions of the engine: read with symbols, it gives formulas.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy, deepcopy
from dataclasses import dataclass, field
from numbers import Real
from typing import Any, ClassVar, NamedTuple

from ..backprop import place_of
from ..errors import GraphError, StepgradError, UsageError
from ..name import Names
from ..notation.formulas import Symbol, names_in, write_expression
from ..operation import as_float
from ..support.text import format_number
from ..value import Value

State = Mapping[str, float]
Rule = Callable[[Any, Any, dict[str, Any]], tuple[Any, dict[str, Any]]]  # p, g and state -> the next p and state
Assignment = tuple[str, str]  # a name, and the formula of its new number

WANTED = (
    "update must be an optimiser, whose step() changes Values; a learning rate, such as 0.1; or a function of a number "
    "and its gradient, such as lambda p, g: p - 0.1 * g"
)


@dataclass(frozen=True, slots=True)
class Update:
    """A step of the update: a parameter gets its next number."""

    kind: ClassVar[str] = "update"

    index: int  # in the walk
    node: Value  # the parameter
    before: float  # its number
    gradient: float
    after: float  # its next number
    state: State  # what the optimiser remembers of the parameter, by name: before the step,
    state_after: State  # and after it
    rule: Formulas | None = field(repr=False, compare=False)  # None if it cannot be read
    names: Names = field(repr=False, compare=False)

    @property
    def formulas(self) -> tuple[str, ...]:
        """The rule as assignments to ``p``, the parameter with the gradient ``g``, and to what is remembered of it."""
        return tuple(f"{name} = {text}" for name, text in self.rule.assignments) if self.rule else ()

    @property
    def account(self) -> dict[str, str]:
        """How the number is computed: ``with`` the numbers of all names, each name is a formula and a number."""
        if self.rule is None:
            return {}
        used = set(re.findall(r"\w+", " ".join(text for _, text in self.rule.assignments)))
        known = {"p": self.before, "g": self.gradient, **self.state, **self.rule.settings}
        given = ", ".join(f"{name} = {format_number(x)}" for name, x in known.items() if name in used)
        after = {**self.state_after, "p": self.after}
        return {
            "with": given,
            **{name: f"{text} = {format_number(after[name])}" for name, text in self.rule.assignments},
        }

    @property
    def lines(self) -> list[str]:
        """The account as lines."""
        return [f"with {text}:" if name == "with" else f"{name} = {text}" for name, text in self.account.items()]

    def __str__(self) -> str:
        change = f"{format_number(self.before)} -> {format_number(self.after)}"
        said = "; ".join(self.formulas)
        gradient = f"with g = {format_number(self.gradient)}"
        return f"update    {self.names[self.node]}: {change} {gradient}{said and f': {said}'}{place_of(self.node)}"


class Change(NamedTuple):
    """What an update does to a leaf."""

    place: int  # of the leaf, among those that were given
    after: float
    state: State
    state_after: State
    rule: Formulas | None


class Formulas:
    """The rule of an update for one parameter, as formulas.

    Args:
        rule: the rule, with the settings as numbers.
        named: the rule, with the settings as symbols.
        settings: the numbers that these symbols stand for.
        state: what is remembered of the parameter before the step.

    Raises:
        Exception: the rule uses more than operators and functions of the engine.

    >>> lr = Symbol("lr")
    >>> rule, named = lambda p, g, state: (p - 0.1 * g, {}), lambda p, g, state: (p - lr * g, {})
    >>> Formulas(rule, named, {"lr": 0.1}, {}).assignments
    [('p', 'p - lr * g')]
    """

    def __init__(self, rule: Rule, named: Rule, settings: Mapping[str, float], state: State) -> None:
        self._rule, self._state, self.settings = rule, state, settings
        self.assignments = _assignments(named, state, "p", "g")  # names, and formulas of their new numbers, in order
        self.statement("p", "g")

    def applied(self, p: Any, g: Any, state: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        """Return what the rule gives, with numbers for the settings."""
        return self._rule(p, g, state)

    def statement(self, p: str, g: str) -> str:
        """Return the formula of the next number, with numbers for the settings.

        Args:
            p, g: what stands for the parameter and its gradient; a number that is remembered stands behind a dot.
        """
        return dict(_assignments(self._rule, self._state, p, g, f"{p}."))[p]


def _assignments(rule: Rule, remembered: State, p: str, g: str, before: str = "") -> list[Assignment]:
    """Return what a rule assigns, in an order in which each formula finds the numbers that it means, old or new.

    Args:
        rule, remembered: the rule, and what is remembered of the parameter.
        p, g: what stands for the parameter and its gradient.
        before: what stands before the names of what is remembered.
    """
    if not {p, g}.isdisjoint(remembered):
        raise UsageError(f"{p} and {g} stand for the parameter and its gradient")
    state = {name: Symbol(f"{before}{name}") for name in remembered}
    after, kept = rule(Symbol(p), Symbol(g), dict(state))
    found = {**{f"{before}{name}": x for name, x in kept.items() if x is not state.get(name)}, p: after}
    new = {id(x): Symbol(name) for name, x in found.items() if name != p and isinstance(x, Symbol) and x.operation}
    short = {name: _replaced(x, {key: y for key, y in new.items() if y.name != name}) for name, x in found.items()}
    order = _in_order(short, {id(symbol) for symbol in new.values()})
    if order is None:  # all at once, from the numbers before
        order, short = list(found), found
    return [(name, write_expression(short[name])) for name in order]


def _replaced(expression: Any, others: Mapping[int, Any]) -> Any:
    if id(expression) in others:
        return others[id(expression)]
    if not isinstance(expression, Symbol) or not expression.operands:
        return expression
    return Symbol("", expression.operation, tuple(_replaced(x, others) for x in expression.operands))


def _in_order(formulas: Mapping[str, Any], new: set[int]) -> list[str] | None:
    """Return an order of assignments in which each formula finds the old or the new numbers that it means, if any."""
    uses: dict[str, tuple[set[str], set[str]]] = {}
    for name, formula in formulas.items():
        old = set(names_in(formula)) & formulas.keys()
        fresh = {part.name for part in _parts(formula) if id(part) in new}
        uses[name] = old - fresh - {name}, fresh
    waiting, found = list(formulas), list[str]()
    while waiting:
        for name in waiting:
            others = [other for other in waiting if other != name]
            if not uses[name][1].intersection(others) and all(name not in uses[other][0] for other in others):
                break
        else:
            return None
        waiting.remove(name)
        found.append(name)
    return found


def _parts(expression: Any) -> Iterable[Any]:
    yield expression
    for operand in getattr(expression, "operands", ()):
        yield from _parts(operand)


# --- an update, tried with a copy ------------------------------------------------------------------------


class Each:
    """An update of each leaf by itself, by a function of its number and its gradient.

    Args:
        function: that function.
        leaves: the leaves.
    """

    def __init__(self, function: Callable[[Any, Any], Any], leaves: Iterable[Value]) -> None:
        self.function, self.parameters = function, list(leaves)

    def step(self) -> None:
        """Update every leaf that has a gradient."""
        for leaf in self.parameters:
            if leaf.grad is not None:
                leaf.data = self.updated(leaf.data, leaf.grad, {})[0]

    def updated(self, p: Any, g: Any, state: State) -> tuple[Any, State]:
        """Return the next number of a leaf."""
        return self.function(p, g), state


class Descent(Each):
    """Gradient descent with a learning rate, for an update that is given as a number.

    Raises:
        UsageError: the learning rate is not finite.
    """

    def __init__(self, lr: float, leaves: Iterable[Value]) -> None:
        if not math.isfinite(lr):
            raise UsageError(f"the learning rate of an update must be a finite number, not {lr}")
        self.parameters, self.lr = list(leaves), lr

    def updated(self, p: Any, g: Any, state: State) -> tuple[Any, State]:
        """Return the next number of a leaf."""
        return p - self.lr * g, state


def is_optimiser(thing: Any) -> bool:
    """Return whether a thing has a method ``step``, as optimisers have."""
    return callable(getattr(thing, "step", None)) and not isinstance(thing, type)


def changes(update: Any, leaves: Sequence[Value], numbers: Sequence[float], grads: Sequence[Any]) -> list[Change]:
    """Return what an update would do to leaves; neither they nor the optimiser are changed.

    Args:
        update: an optimiser, a learning rate, or a function of a number and its gradient.
        leaves: the leaves that it may change.
        numbers, grads: their numbers and gradients, which may be other ones than they have.

    Raises:
        TypeError: the update is something else.
        GraphError: it changes none of the leaves.
        UsageError: it cannot be copied, fails, or changes more than its copies; or a learning rate is not finite.
        UndefinedDerivativeError: it needs a gradient that does not exist.
    """
    if isinstance(update, Real) and not isinstance(update, bool):
        update = Descent(as_float(update, "update"), leaves)
    elif not is_optimiser(update):
        if not callable(update) or isinstance(update, type):
            raise TypeError(f"{WANTED}, not {type(update).__name__} {update!r:.60}")
        update = Each(update, leaves)
    known = getattr(update, "parameters", None)
    known = known() if callable(known) else known
    place_of_parameter = {
        x: i for i, x in enumerate(known if isinstance(known, Iterable) else ()) if isinstance(x, Value)
    }
    tried, twins = _step_of_copy(update, leaves, numbers, grads)
    found = []
    for place, (leaf, twin) in enumerate(zip(leaves, twins, strict=True)):
        if leaf in place_of_parameter if place_of_parameter else twin.data != numbers[place]:
            at, after = place_of_parameter.get(leaf), as_float(twin.data, "the update")
            state, state_after = _state(update, at), _state(tried, at)
            rule = _formulas(update, (numbers[place], grads[place], state), (after, state_after))
            found.append(Change(place, after, state, state_after, rule))
    if not found:
        raise GraphError("the update changes no leaf of this graph; is the optimiser one of another model?")
    return found


def _step_of_copy(
    update: Any, leaves: Sequence[Value], numbers: Sequence[float], grads: Sequence[Any]
) -> tuple[Any, list[Value]]:
    """Return a copy of an optimiser that has taken its step, and the copies of the leaves that it was taken with."""
    before = [(leaf.data, leaf.grad) for leaf in leaves]
    twins = [Value(0.0, leaf.label) for leaf in leaves]
    for twin, number, grad in zip(twins, numbers, grads, strict=True):
        twin.data, twin.grad = number, grad
    kind = type(update).__name__
    try:
        tried = deepcopy(update, {id(leaf): twin for leaf, twin in zip(leaves, twins, strict=True)})
    except Exception as error:
        raise UsageError(f"to show its update, {kind} must be one that copy.deepcopy can copy: {error}") from None
    try:
        tried.step()
    except StepgradError:
        raise
    except Exception as error:
        raise UsageError(f"the step() of a copy of {kind} failed: {type(error).__name__}: {error}") from error
    finally:
        for leaf, (data, grad) in zip(leaves, before, strict=True):
            is_changed = leaf.data is not data or leaf.grad is not grad
            leaf.data, leaf.grad = data, grad
            if is_changed:
                raise UsageError(
                    f"the step() of a copy of {kind} changed the original's Values, so it cannot be tried: let it "
                    "find them in an attribute, such as self.parameters"
                )
    return tried, twins


def _state(update: Any, place: int | None) -> dict[str, float]:
    """Return what an optimiser remembers of a parameter; nothing if it is not kept in ``states``, in order."""
    states = getattr(update, "states", ())
    if place is None or not isinstance(states, Sequence) or place >= len(states):
        return {}
    state = states[place]
    return {str(name): x for name, x in state.items() if isinstance(x, float)} if isinstance(state, Mapping) else {}


class _Setting(Symbol):
    """A symbol for a setting, which is not 0."""

    __slots__ = ()

    def __bool__(self) -> bool:
        return True


def _formulas(update: Any, before: tuple[float, Any, State], after: tuple[float, State]) -> Formulas | None:
    """Return the rule of an optimiser, if it has one that can be read and that gives the numbers of its step."""
    rule = getattr(update, "updated", None)
    if rule is None:
        return None
    number, grad, state = before
    try:
        found = rule(number, grad, dict(state))
        if repr((as_float(found[0], "updated"), dict(found[1]))) != repr((after[0], dict(after[1]))):
            return None
    except Exception:
        return None
    for named, settings in (_named(update), (rule, {})):
        try:
            return Formulas(rule, named, settings, state)
        except Exception:  # a rule of your own may do anything with its numbers
            pass
    return None


def _named(update: Any) -> tuple[Rule, dict[str, float]]:
    """Return the rule of an optimiser with a symbol for each of its settings that is not 0, and their numbers."""
    named, settings = copy(update), dict[str, float]()
    for name, setting in getattr(update, "__dict__", {}).items():
        if isinstance(setting, float) and setting:
            settings[name] = setting
            setattr(named, name, _Setting(name))
        elif isinstance(setting, tuple) and all(isinstance(x, float) and x for x in setting):
            own = {f"{name.removesuffix('s')}{place}": x for place, x in enumerate(setting, 1)}
            settings |= own
            setattr(named, name, tuple(map(_Setting, own)))
    return named.updated, settings
