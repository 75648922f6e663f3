"""Tell ``math.exp(value)``, which would silently leave the graph, from ``float(value)``, which is meant."""

from __future__ import annotations

import math
from types import FrameType

HARMLESS = {
    math.isnan, math.isinf, math.isfinite, math.isclose, math.floor, math.ceil, math.trunc,
}  # fmt: skip
RENAMED = {"fabs": "abs", "fsum": "sum", "pow": "pow"}


def math_call(frame: FrameType) -> str:
    """Return the name of the function of `math` that a frame is calling, or an empty text.

    The functions that only ask about a number, such as `math.isnan`, do not count.
    """
    function = _called(frame)
    if getattr(function, "__module__", None) != "math" or function in HARMLESS:
        return ""
    return str(getattr(function, "__name__", ""))


def _called(frame: FrameType) -> object:
    """Return what a frame is calling, if it is a name or an attribute of a name; otherwise None."""
    import dis  # takes milliseconds to import

    instructions = list(dis.get_instructions(frame.f_code))
    call = next(i for i in instructions if i.offset == frame.f_lasti)
    if call.positions is None or call.positions.lineno is None:
        return None
    place = call.positions[0], call.positions[2]  # the call begins where the name of the function begins
    names = {**frame.f_builtins, **frame.f_globals, **frame.f_locals}
    function: object = None
    for instruction in instructions:
        if instruction.positions is None or instruction.offset >= call.offset:
            continue
        if (instruction.positions[0], instruction.positions[2]) != place:
            continue
        if instruction.opname in ("LOAD_ATTR", "LOAD_METHOD"):
            function = getattr(function, instruction.argval, None)
        elif instruction.opname.startswith("LOAD_"):
            function = names.get(instruction.argval)
    return function
