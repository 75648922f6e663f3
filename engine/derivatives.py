"""Derivatives of a graph: first, second and higher, in reverse and in forward mode; no node is changed.

The chain rule is that of `engine.backprop.chain_rule`; it runs on twins of the nodes between inputs and outputs.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, overload

from .backprop import Twin, chain_rule, check_recorded, undefined_at
from .errors import GraphError
from .graph import Node, topological_order
from .operation import UNDEFINED, as_float
from .recording.context import hand_out, note_unseen
from .value import Value


@overload
def grad(output: Value, inputs: Value) -> Value: ...
@overload
def grad(output: Value, inputs: Sequence[Value]) -> list[Value]: ...
def grad(output: Value, inputs: Value | Sequence[Value]) -> Value | list[Value]:
    """Return the derivative of the output with respect to each input, as Values that can be differentiated again.

    It runs the chain rule with Values instead of numbers; no ``grad`` is changed.

    Args:
        output: the Value to differentiate.
        inputs: a Value, or several.

    Returns:
        A Value for one input, a list for several; 0 where the output does not depend on the input.

    Raises:
        UndefinedDerivativeError: a derivative that is needed does not exist.
        GraphError: the graph has a cycle, or its data were edited since it was recorded.

    >>> x = Value(2.0)
    >>> first = grad(x ** 3, x)
    >>> second = grad(first, x)
    >>> first.data, second.data, grad(second, x).data
    (12.0, 12.0, 6.0)
    """
    wanted = [inputs] if isinstance(inputs, Value) else _listed("grad", inputs)
    _check("grad", [output], wanted)
    found = _gradients(output, wanted, Value(1.0, "seed"), _locals_as_values)
    as_values = [x if isinstance(x, Value) else Value(x) for x in found]
    return as_values[0] if isinstance(inputs, Value) else as_values


def jvp(output: Value, tangents: Mapping[Value, float]) -> float:
    """Return the derivative of the output in a direction, by forward mode (Jacobian-vector product).

    Args:
        output: the Value to differentiate.
        tangents: how fast each input moves; Values that are not named stand still.

    Raises:
        UndefinedDerivativeError: a derivative that is needed does not exist.

    >>> a, b = Value(2.0), Value(-3.0)
    >>> jvp(a * b + a, {a: 1.0})
    -2.0
    """
    if not isinstance(tangents, Mapping):
        raise TypeError(f"tangents must map inputs to how fast they move, such as {{x: 1.0}}, not {tangents!r:.60}")
    _check("jvp", [output], tangents)
    moved = {x: as_float(tangent, "tangent") for x, tangent in tangents.items()}
    for node, edges in _edges(output, tangents, _recorded_locals).items():
        if node not in moved:
            moved[node] = sum(local * moved[operand] for operand, local in edges)
    return moved.get(output, 0.0)


def jacobian(outputs: Iterable[Value], inputs: Iterable[Value]) -> list[list[float]]:
    """Return the derivative of every output with respect to every input; no ``grad`` is changed.

    It goes backward once for each output or forward once for each input, whichever is less.

    Returns:
        One list for each output, with one number for each input.

    Raises:
        UndefinedDerivativeError: a derivative that is needed does not exist.

    >>> x, y = Value(2.0), Value(3.0)
    >>> jacobian([x * y, x + y], [x, y])
    [[3.0, 2.0], [1.0, 1.0]]
    """
    outputs, inputs = _listed("jacobian", outputs), _listed("jacobian", inputs)
    _check("jacobian", outputs, inputs)
    if len(outputs) <= len(inputs):
        return [list(map(float, _gradients(output, inputs, 1.0, _recorded_locals))) for output in outputs]
    return [[jvp(output, {x: 1.0}) for x in inputs] for output in outputs]


def hessian(output: Value, inputs: Iterable[Value]) -> list[list[float]]:
    """Return the second derivatives of the output with respect to every pair of inputs.

    Raises:
        UndefinedDerivativeError: a derivative that is needed does not exist.

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


Locals = Callable[[Value], Sequence[Any]]  # gives a node's local gradients
Edge = tuple[Value, Any]  # an operand and the local gradient with respect to it


def _gradients(output: Value, inputs: Sequence[Value], seed: Any, locals_of: Locals) -> list[Any]:
    """Return the derivative of the output with respect to each input, by reverse mode."""
    twins: dict[Value, Twin] = {}
    for node, edges in _edges(output, inputs, locals_of).items():
        twins[node] = Twin(node, tuple(twins[x] for x, _ in edges), tuple(local for _, local in edges), grad=0)
    if output in twins:
        twins[output].grad = seed
    chain_rule(list(twins.values()))
    return [twins[x].grad if x in twins else 0.0 for x in inputs]


def _edges(output: Value, inputs: Iterable[Value], locals_of: Locals) -> dict[Value, list[Edge]]:
    """Return the nodes that depend on an input, operands first, each with its operands that do."""
    inputs = set(inputs)
    found: dict[Value, list[Edge]] = {}
    for node in topological_order(output):
        needed = [index for index, operand in enumerate(node.inputs) if operand in found]
        if not needed and node not in inputs:
            continue
        for index in needed:
            if node.local_grads[index] is UNDEFINED:
                note_unseen("a derivative does not exist")
                raise undefined_at(node, index)
        locals_ = locals_of(node) if needed else ()
        found[node] = [(node.inputs[index], locals_[index]) for index in needed]
    return found


def _recorded_locals(node: Value) -> tuple[float, ...]:
    return node.local_grads


def _locals_as_values(node: Value) -> tuple[Value | float, ...]:
    """Return a node's local gradients as Values, by reading its rule with Values."""
    locals_ = node.op.local_derivatives(node.inputs, node)
    numbers = tuple(x.data if isinstance(x, Node) else x for x in locals_)
    if repr(numbers) != repr(node.local_grads):  # repr, so that not-a-number equals itself
        raise GraphError(
            f"the data around {node} were edited after it was computed: its local gradients were "
            f"{node.local_grads}, they would now be {numbers}; compute the expression anew, then differentiate"
        )
    return locals_
