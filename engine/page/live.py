"""The part of a page's data and script that computes both passes anew, when the reader changes a number.

The script gets the graph as data, and each of its operations as JavaScript, translated from the table. Formulas are
templates, in which rare letters stand for the operands, the result and its gradient.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from ..errors import OperationError
from ..notation.formulas import Symbol, derivative, product, write_expression
from ..operation import Operation
from ..program.javascript.functions import Writer
from ..steps.update import Update
from ..support.text import counted
from ..value import Value
from .mathml import mathml
from .updates import rule_of

MAX_LIVE = 5_000  # Values
OUT, GRAD, FIRST = "\ue100", "\ue101", 0xE102  # what stands for the result, its gradient, and the operands


class Live(NamedTuple):
    """What the script needs to compute anew.

    Attributes:
        data: the ``nodes``, each the place of its operation in the ``table``, -1 for a number that was given, and its
            operands; the recorded ``numbers`` of those that have no box, and the gradients ``before`` the backward pass
            that are not 0; the places of the leaves that are ``trained``; and of the walk's update the ``rule``: the
            optimiser's name, settings and formulas, and what it remembers. None if numbers cannot be changed.
        code: the functions of the operations, in JavaScript.
        reason: why numbers cannot be changed, as a sentence; empty if they can.
    """

    data: dict[str, Any] | None
    code: str
    reason: str = ""


def live(
    order: Sequence[Value], numbers: Iterable[Any], before: Mapping[int, Any], seed: float, trained: Sequence[int],
    updates: Sequence[Update] = (), optimiser: str = "",
) -> Live:  # fmt: skip
    """Return what the script needs to compute a graph anew.

    Args:
        order: the nodes, operands before results.
        numbers: their recorded numbers, as in the page's data; None for those that boxes show.
        before: gradients before the backward pass, by place.
        seed: the root's own gradient.
        trained: the places of the leaves that updates change.
        updates: the updates of the walk.
        optimiser: the name of what makes them.
    """
    if len(order) > MAX_LIVE:
        return Live(None, _code([], ""), f"Numbers can be changed in graphs of up to {counted(MAX_LIVE, 'value')}.")
    place = {node: number for number, node in enumerate(order)}
    table: dict[Operation, int] = {}
    for node in order:
        if node.inputs:
            table.setdefault(node.op, len(table))
    writer = Writer()
    try:
        functions = [_functions(operation, writer) for operation in table]
    except OperationError as error:
        return Live(None, _code([], ""), f"Numbers cannot be changed: {error}.")
    nodes = [[table[node.op] if node.inputs else -1, *(place[x] for x in node.inputs)] for node in order]
    data = {
        "nodes": nodes,
        "numbers": list(numbers),
        "before": before,
        "seed": seed,
        "trained": trained,
        "table": list(map(_entry, table)),
    }
    rule, code = rule_of(updates, place, optimiser, writer) if updates else (None, "const optimiserRules = {};")
    if rule:
        data["rule"] = rule
    return Live(data, _code(functions, writer.functions.text("\n".join([*functions, code])), code))


def _code(functions: Sequence[str], called: str, rules: str = "const optimiserRules = {};") -> str:
    return "\n".join(["const FLAT = null;", called, f"const operations = [\n{','.join(functions)}];", rules])


def _functions(operation: Operation, writer: Writer) -> str:
    names = [f"x{place}" for place in range(operation.arity)]
    value = writer.value(operation).format(*names)
    rules = ", ".join(f"({', '.join([*names, 'out'])}) => {rule}" for rule in writer.rules(operation, names, "out"))
    return f"{{ value: ({', '.join(names)}) => {value}, locals: [{rules}] }}\n"


def _entry(operation: Operation) -> dict[str, Any]:
    """Return how an operation and its derivatives are written, and what it needs to have a value."""
    letters = [Symbol(chr(FIRST + place)) for place in range(operation.arity)]
    applied = Symbol("", operation, tuple(letters))
    locals_ = [derivative(operation, place, letters, Symbol(OUT)) for place in range(operation.arity)]
    return {
        "written": operation.written(),
        "operands": operation.operands,
        "needs": " ".join(filter(None, [operation.domain and f"It needs {operation.domain}.", operation.hint])),
        "text": write_expression(applied),
        "math": mathml(write_expression(applied, latex=True)),
        "locals": [None if local is None else [product(local, GRAD), _math(local)] for local in locals_],
    }


def _math(local: Any) -> str:
    """Return a local derivative as MathML; nothing if it is the same number everywhere."""
    return mathml(write_expression(local, latex=True)) if isinstance(local, Symbol) else ""
