"""The command ``stepgrad verify``: operations of yours against central differences and by all routes."""

import argparse
from typing import Any

from ...support.streams import say
from ..command import JSON, command, option, positive, print_json

OF_YOURS, BUILT_IN = 200, 20  # random graphs for each operation


@command(
    "verify",
    option("file", metavar="FILE", nargs="?",
           help="a program that registers operations; FILE.py:OPERATION for one of them (the built-in ones)"),
    option("--graphs", metavar="N", type=positive,
           help=f"random graphs for each operation ({OF_YOURS}; of the built-in ones {BUILT_IN})"),
    option("--seed", metavar="N", type=int, default=0, help="of the random graphs (0)"),
    JSON, has_target=False,
    examples=["stepgrad verify my_ops.py", "stepgrad verify my_ops.py:cube --graphs 50"],
)  # fmt: skip
def verify(options: argparse.Namespace) -> int:
    """Try operations out that a program registers: their rules, and random graphs by every route.

    The derivatives of first and second order are compared with central differences at the samples. Random graphs that
    mix an operation with others are differentiated by backward(), grad(), jvp(), jacobian(), walk(), programs in Python
    and C, batches and compiled functions, and up to third order; all must give the same numbers or raise the same
    error. If an operation is wrong, the exit status is 1, and the smallest graph that shows it is printed.
    """
    from ...routes.verdict import verify_operation

    verdicts = []
    for operation in _operations(options.file):
        graphs = options.graphs or (OF_YOURS if options.file else BUILT_IN)
        verdicts.append(verify_operation(operation, graphs, options.seed))
        if not options.json:
            say(verdicts[-1])  # each at once, since each takes seconds
    wrong = [verdict for verdict in verdicts if not verdict.is_right]
    if options.json:
        print_json(options, [vars(verdict) | {"is_right": verdict.is_right} for verdict in verdicts])
    for verdict in () if options.json else wrong:
        say(f"\n{verdict.operation}: {verdict.trouble}")
    return int(bool(wrong))


def _operations(file: str | None) -> list[Any]:
    """Return the operations that a program registers, or one of them, or without a program those of the table."""
    from ...errors import StepgradError
    from ...operation import TABLE
    from ..target import choose, run_program, split

    if file is None:
        return list(TABLE.values())
    path, name, text = split(file)
    if not path:
        raise StepgradError(f"{file!r} is not a program; write for instance my_ops.py")
    before = set(TABLE)
    run_program(path, text)
    registered = {each: operation for each, operation in TABLE.items() if each not in before}
    if not registered:
        raise StepgradError(f"{path} registers no operation; call engine.register(name, value, rule) in it")
    return [choose(name, registered, path, "operation")] if name else list(registered.values())
