"""The rule of an optimiser as a program: recorded once, with Values for a parameter, its gradient and its states."""

from __future__ import annotations

import copy
from typing import Any

from engine import Value, topological_order
from engine.program.backend import Update
from engine.program.plan import Plan

from ..optimisers import Optimiser


def update_of(optimiser: Optimiser) -> Update:
    """Return an optimiser's rule as the update of a training step.

    A state that is equal for all parameters, and stays so, is shared by them.
    """
    p, g, rate = Value(1.0, "p"), Value(1.0, "g"), Value(1.0, "rate")
    states = {name: Value(1.0, name) for name in optimiser.states[0]}
    like = copy.copy(optimiser)
    like.lr = rate  # type: ignore[assignment]
    number, changed = like.updated(p, g, dict(states))  # type: ignore[arg-type]
    following = {name: _value(changed[name]) for name in states}
    shared, before = [name for name in states if is_equal(optimiser, name)], None
    while shared != before:
        varying = {p, g, *(leaf for name, leaf in states.items() if name not in shared)}
        before = shared
        shared = [name for name in shared if varying.isdisjoint(topological_order(following[name]))]
    own = [name for name in states if name not in shared]
    roots = [*(following[name] for name in shared), _value(number), *(following[name] for name in own)]
    inputs, parameters = [p, g, *(states[name] for name in own)], [rate, *(states[name] for name in shared)]
    return Update(Plan(roots, inputs, parameters, backward=False), shared, own)


def is_equal(optimiser: Optimiser, name: str) -> bool:
    """Return whether a state is equal for all parameters."""
    return all(state[name] == optimiser.states[0][name] for state in optimiser.states)


def is_settled(optimiser: Optimiser) -> bool:
    """Return whether all later steps follow the same rule: in the first step, there are no states yet."""
    known = optimiser.states[0].keys()
    try:
        _, following = optimiser.updated(1.0, 1.0, dict.fromkeys(known, 1.0))
    except ArithmeticError:
        return False  # the rule cannot be read
    return following.keys() == known and all(state.keys() == known for state in optimiser.states)


def _value(thing: Any) -> Value:
    return thing if isinstance(thing, Value) else Value(thing)
