"""Derivatives of a graph: first, second and higher, in reverse and in forward mode; no node is changed.

The chain rule is that of `engine.backprop.chain_rule`; it runs on twins of the nodes between inputs and outputs. A
derivative that does not exist is `engine.slope.Undefined`, and raises only if nothing that is asked for exists.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, overload

from .backprop import Twin, chain_rule, check_recorded, settle, twins_of
from .errors import GraphError, OperationError, UndefinedDerivativeError
from .graph import Node, topological_order
from .numbers import Numbers
from .operation import as_float
from .recording.context import hand_out, note_unseen
from .slope import FLAT, Undefined, is_number
from .value import Value, lift


@overload
def grad(output: Value, inputs: Value) -> Value: ...
@overload
def grad(output: Value, inputs: Sequence[Value]) -> list[Value]: ...
def grad(output: Value, inputs: Value | Sequence[Value]) -> Value | list[Value]:
    """Return the derivative of the output with respect to each input, as Values that can be differentiated again.

    It runs the chain rule with Values instead of numbers; no ``grad`` is changed. The derivatives are those at the
    numbers that the graph was recorded with, as in `backward`, even if leaves were changed since.

    Args:
        output: the Value to differentiate.
        inputs: a Value, or several.

    Returns:
        A Value for one input, a list for several; 0 where the output does not depend on the input, and a Value whose
        number is undefined where the derivative does not exist.

    Raises:
        UndefinedDerivativeError: none of the derivatives exists.
        GraphError: the graph has a cycle, or its data were edited and the numbers of the recording are lost.
        OperationError: the rule of an operation of yours gives other numbers with Values.

    >>> x = Value(2.0)
    >>> first = grad(x ** 3, x)
    >>> second = grad(first, x)
    >>> first.data, second.data, grad(second, x).data
    (12.0, 12.0, 6.0)
    """
    wanted = [inputs] if isinstance(inputs, Value) else _listed("grad", inputs)
    _check("grad", [output], wanted)
    found = _as_values(output, wanted)
    _require_any([[x.data for x in found]])
    return found[0] if isinstance(inputs, Value) else found


def jvp(output: Value, tangents: Mapping[Value, float]) -> float:
    """Return the derivative of the output in a direction, by forward mode (Jacobian-vector product).

    Args:
        output: the Value to differentiate.
        tangents: how fast each input moves; Values that are not named stand still.

    Raises:
        UndefinedDerivativeError: this derivative does not exist, nor does any other with respect to a leaf.

    >>> a, b = Value(2.0), Value(-3.0)
    >>> jvp(a * b + a, {a: 1.0})
    -2.0
    """
    if not isinstance(tangents, Mapping):
        raise TypeError(f"tangents must map inputs to how fast they move, such as {{x: 1.0}}, not {tangents!r:.60}")
    _check("jvp", [output], tangents)
    found = _directional(output, {x: as_float(tangent, "tangent") for x, tangent in tangents.items()})
    if isinstance(found, Undefined):
        twins = list(twins_of(topological_order(output)).values())
        twins[-1].grad = 1.0
        chain_rule(twins)
        settle(twins)  # raises if no other derivative exists
    return found


def jacobian(outputs: Iterable[Value], inputs: Iterable[Value]) -> list[list[float]]:
    """Return the derivative of every output with respect to every input; no ``grad`` is changed.

    It goes backward once for each output or forward once for each input, whichever is less.

    Returns:
        One list for each output, with one number for each input, undefined where the derivative does not exist.

    Raises:
        UndefinedDerivativeError: none of the derivatives exists.

    >>> x, y = Value(2.0), Value(3.0)
    >>> jacobian([x * y, x + y], [x, y])
    [[3.0, 2.0], [1.0, 1.0]]
    """
    outputs, inputs = _listed("jacobian", outputs), _listed("jacobian", inputs)
    _check("jacobian", outputs, inputs)
    if len(outputs) <= len(inputs):
        found = [_gradients(output, inputs) for output in outputs]
    else:
        found = [[_directional(output, {x: 1.0}) for x in inputs] for output in outputs]
    _require_any(found)
    return found


def hessian(output: Value, inputs: Iterable[Value]) -> list[list[float]]:
    """Return the second derivatives of the output with respect to every pair of inputs.

    Raises:
        UndefinedDerivativeError: none of the first derivatives exists, or none of the second.

    >>> x, y = Value(2.0), Value(3.0)
    >>> hessian(x * x * y, [x, y])
    [[6.0, 4.0], [4.0, 0.0]]
    """
    hand_out("calls hessian()")
    inputs = _listed("hessian", inputs)
    return jacobian(grad(output, inputs), inputs)


def _listed(where: str, things: Iterable[Value]) -> list[Value]:
    try:
        return list(things)
    except TypeError:
        raise TypeError(f"{where} takes a list of Values, such as [x], not {things!r:.60}") from None


def _check(where: str, outputs: Iterable[Value], inputs: Iterable[Value]) -> None:
    for role, things in ("differentiates", outputs), ("differentiates with respect to", inputs):
        for thing in things:
            if not isinstance(thing, Value):
                raise TypeError(f"{where} {role} Values, not {type(thing).__name__} {thing!r:.60}")
    for output in outputs:
        check_recorded(output)
    if where != "grad":
        hand_out(f"calls {where}()")


def _require_any(found: Sequence[Sequence[float]]) -> None:
    """Require that at least one of some derivatives exists."""
    missing = [x for row in found for x in row if isinstance(x, Undefined)]
    if missing and len(missing) == sum(map(len, found)):
        raise UndefinedDerivativeError(missing[0].reason)


def _between(output: Value, inputs: Iterable[Value]) -> dict[Value, Twin]:
    """Return twins of the nodes that depend on an input, operands first, with their derivatives by reverse mode.

    The derivative of a node that the output does not depend on is `FLAT`.
    """
    inputs = set(inputs)
    twins: dict[Value, Twin] = {}
    other = Twin(output, (), ())  # receives what is not asked for
    for node in topological_order(output):
        operands = tuple([twins.get(x, other) for x in node.inputs])
        if node in inputs or any(x is not other for x in operands):
            twins[node] = Twin(node, operands, node.local_grads)
    if output in twins:
        twins[output].grad = 1.0
    chain_rule(list(twins.values()))
    return twins


def arriving(output: Value, inputs: Sequence[Value]) -> list[float]:
    """Return the derivative of the output with respect to each input as the chain rule finds it, and raise nothing.

    Where nothing arrives it is `FLAT`, where it does not exist undefined.
    """
    twins = _between(output, inputs)
    return [twins[x].grad if x in twins else FLAT for x in inputs]


def _gradients(output: Value, inputs: Sequence[Value]) -> list[float]:
    """Return the derivative of the output with respect to each input, by reverse mode."""
    if isinstance(output.data, Undefined):
        return [output.data] * len(inputs)
    twins = _between(output, inputs)
    settle(list(twins.values()), refuse=False)
    return [0.0 + twins[x].grad if x in twins else 0.0 for x in inputs]


def _directional(output: Value, tangents: Mapping[Value, float]) -> float:
    """Return the derivative of the output in a direction, by forward mode."""
    moved: dict[Value, float] = {**tangents}
    for node in topological_order(output):
        if node not in moved:
            edges = [(x, local) for x, local in zip(node.inputs, node.local_grads, strict=True) if x in moved]
            if edges:
                moved[node] = sum([local * moved[x] for x, local in edges], FLAT)
    found = moved.get(output, FLAT)
    if isinstance(found, Undefined):
        return next(x for x in _gradients(output, list(tangents)) if isinstance(x, Undefined))  # which names the reason
    return output.data if isinstance(output.data, Undefined) else 0.0 + found


def _as_values(output: Value, inputs: Sequence[Value]) -> list[Value]:
    """Return the derivative of the output with respect to each input as Values, at the numbers of the recording."""
    try:
        return _reverse(output, inputs)
    except _ChangedError as changed:
        node, locals_ = changed.node, changed.locals
    numbers, recorded = Numbers(topological_order(output)), node.local_grads
    if numbers.is_anew:
        raise GraphError(
            f"the data around {node} were edited after it was computed: its local gradients were {recorded}, they "
            f"would now be {locals_}, and the earlier numbers are lost; compute the expression anew, then differentiate"
        )
    if not numbers.changed:
        raise OperationError(
            f"the rule of {node.op.name} gives {recorded} with numbers and {locals_} with Values: write it in "
            "operators and functions of engine alone"
        )
    stand_ins = {node: numbers.stand_in(node) for node in numbers.order}
    found = _reverse(stand_ins[output], [stand_ins.get(x, x) for x in inputs])
    nodes = {stand_in: node for node, stand_in in stand_ins.items()}
    for node in topological_order(*found):
        if node not in nodes:  # it was recorded now, from stand-ins
            node.inputs = tuple(nodes.get(x, x) for x in node.inputs)
    return found


class _ChangedError(Exception):
    """The local gradients of a node are not those that were recorded."""

    def __init__(self, node: Value, locals_: tuple[float, ...]) -> None:
        super().__init__()
        self.node, self.locals = node, locals_


def _reverse(output: Value, inputs: Sequence[Value]) -> list[Value]:
    """Return the derivative of the output with respect to each input as Values, by reverse mode.

    An edge that is flat for these numbers, such as that of an inactive relu, is recorded: for others it may not be.
    """
    numbers, between = _gradients(output, inputs), _between(output, inputs)
    locals_, edges = dict[Value, tuple[Value | float, ...]](), dict[Value, list[int]]()
    reached = {output}
    for node in reversed(between):
        edges[node] = []
        if node in reached and node.inputs:
            locals_[node] = _locals_as_values(node)
            for i, (operand, local) in enumerate(zip(node.inputs, locals_[node], strict=True)):
                if isinstance(local, Undefined) or isinstance(between[node].grad, Undefined):
                    note_unseen("it differentiates where a derivative does not exist")
                elif operand in between and local is not FLAT:
                    edges[node].append(i)
                    reached.add(operand)
    twins: dict[Value, Twin] = {}
    for node in between:
        operands = tuple(twins[node.inputs[i]] for i in edges[node])
        twins[node] = Twin(node, operands, tuple(locals_[node][i] for i in edges[node]), grad=0)
    if output in twins:
        twins[output].grad = lift(1.0)
    chain_rule(list(twins.values()))
    return [_derivative(twins[x].grad if x in twins else 0, number) for x, number in zip(inputs, numbers, strict=True)]


def _derivative(found: Any, number: float) -> Value:
    """Return a derivative as a Value, where anything arrived, with its number, which may be undefined."""
    if not isinstance(found, Value):  # nothing, or what stands for a float while a function is traced
        found = Value(found)
    made: Value = found
    if not is_number(made.data) or isinstance(number, Undefined):
        made.data = number
    return made


def _locals_as_values(node: Value) -> tuple[Value | float, ...]:
    """Return a node's local gradients as Values, by reading its rule with Values."""
    locals_ = node.op.local_derivatives(node.inputs, node)
    found = [x.data if isinstance(x, Node) else x for x in locals_]
    numbers, recorded = (
        tuple(float(x) if x.__class__ is int else x for x in each) for each in (found, node.local_grads)
    )
    if repr(numbers) != repr(recorded):  # repr, so that not-a-number equals itself
        raise _ChangedError(node, numbers)
    return locals_
