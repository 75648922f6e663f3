"""Tell ``math.exp(value)``, which would silently leave the graph, from ``float(value)``, which is meant."""

import math
from types import CodeType, FrameType

HARMLESS = {
    math.isnan, math.isinf, math.isfinite, math.isclose, math.floor, math.ceil, math.trunc,
}  # fmt: skip
RENAMED = {"fabs": "abs", "fsum": "sum", "pow": "pow"}

# For each place of call that took a Value's number: the function of `math` that is called there, or "" for none; None
# where a local variable names it, which may be another function the next time. Then the names that stand there, and
# the code object, which is kept so that no other one gets its id.
_places: dict[tuple[int, int], tuple[str | None, tuple[str, ...], CodeType]] = {}


def math_call(frame: FrameType) -> str:
    """Return the name of the function of `math` that a frame is calling, or an empty text.

    The functions that only ask about a number, such as `math.isnan`, do not count. A place of call is read once.
    """
    code = frame.f_code
    known = _places.get((id(code), frame.f_lasti))
    if known is None:
        names = _called(frame)
        is_settled = not names or names[0] not in frame.f_locals
        known = _math_function(names, frame) if is_settled else None, names, code
        _places[id(code), frame.f_lasti] = known
    return _math_function(known[1], frame) if known[0] is None else known[0]


def _math_function(names: tuple[str, ...], frame: FrameType) -> str:
    """Return the name of the function of `math` that a dotted name stands for in a frame, or an empty text."""
    function: object = None
    for position, name in enumerate(names):
        if position:
            function = getattr(function, name, None)
        else:
            function = {**frame.f_builtins, **frame.f_globals, **frame.f_locals}.get(name)
    if getattr(function, "__module__", None) != "math" or function in HARMLESS:
        return ""
    return str(getattr(function, "__name__", ""))


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
