"""Tell ``math.exp(value)``, which would silently leave the graph, from ``float(value)``, which is meant."""

from __future__ import annotations

import math
from types import CodeType, FrameType

HARMLESS = {
    math.isnan, math.isinf, math.isfinite, math.isclose, math.floor, math.ceil, math.trunc,
}  # fmt: skip
RENAMED = {"fabs": "abs", "fsum": "sum", "pow": "pow"}

# What is called at each place of a program that took a Value's number, as names: ("math", "exp"), or () for what is
# not a name. The code object is kept, so that its id stays its own.
_places: dict[tuple[int, int], tuple[CodeType, tuple[str, ...]]] = {}


def math_call(frame: FrameType) -> str:
    """Return the name of the function of `math` that a frame is calling, or an empty text.

    The functions that only ask about a number, such as `math.isnan`, do not count. A place of call is read once.
    """
    place = id(frame.f_code), frame.f_lasti
    if place not in _places:
        _places[place] = frame.f_code, _called(frame)
    names = _places[place][1]
    if not names:
        return ""
    function = _look_up(names, frame)
    if getattr(function, "__module__", None) != "math" or function in HARMLESS:
        return ""
    return str(getattr(function, "__name__", ""))


def _look_up(names: tuple[str, ...], frame: FrameType) -> object:
    """Return what a dotted name stands for in a frame; None if it stands for nothing."""
    first, *attributes = names
    found: object = None
    for variables in (frame.f_globals, frame.f_builtins) if first in frame.f_code.co_names else (frame.f_locals,):
        if first in variables:
            found = variables[first]
            break
    for attribute in attributes:
        found = getattr(found, attribute, None)
    return found


def _called(frame: FrameType) -> tuple[str, ...]:
    """Return what a frame is calling as a dotted name; nothing if it is something else, such as a call's result."""
    import dis  # takes milliseconds to import

    instructions = list(dis.get_instructions(frame.f_code))
    call = next(i for i in instructions if i.offset == frame.f_lasti)
    if call.positions is None or call.positions.lineno is None:
        return ()
    place = call.positions[0], call.positions[2]  # the call begins where the name of the function begins
    names: tuple[str, ...] = ()
    for instruction in instructions:
        if instruction.positions is None or instruction.offset >= call.offset:
            continue
        if (instruction.positions[0], instruction.positions[2]) != place:
            continue
        if instruction.opname in ("LOAD_ATTR", "LOAD_METHOD"):
            names += (instruction.argval,)
        elif instruction.opname.startswith("LOAD_"):
            names = (instruction.argval,)
    return names if all(isinstance(name, str) for name in names) else ()
