"""Backpropagation: the chain rule, applied from the root of a graph to its leaves; and what follows from it.

The method is reverse accumulation; see A. Griewank and A. Walther, *Evaluating Derivatives* (2nd edition,
SIAM 2008), chapter 3, and D. E. Rumelhart, G. E. Hinton and R. J. Williams, "Learning representations by
back-propagating errors", Nature 323 (1986), https://doi.org/10.1038/323533a0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, overload

from .errors import GraphError, UndefinedDerivativeError
from .graph import sorted_nodes, topological_order
from .ops import UNDEFINED, as_float
from .value import Value, method


@method
def backward(root: Value, seed: float = 1.0) -> None:
    """Compute the derivative of the root by every node below it, into ``grad``.

    The gradients of leaves accumulate over calls; those of all other nodes start from zero at each call.

    Args:
        root: the Value to differentiate, usually a loss.
        seed: the root's own gradient.

    Raises:
        UndefinedDerivativeError: a derivative that is needed does not exist; no ``grad`` is changed then.
        GraphError: the graph has a cycle, or the root was made inside `no_grad`.

    >>> a, b = Value(2.0), Value(-3.0)
    >>> (a * b + a).backward()
    >>> a.grad, b.grad
    (-2.0, 2.0)
    """
    seed = as_float(seed, "seed")
    without_operands, interior = sorted_nodes(root)
    if root.op and root.op.arity and not root.inputs:
        raise GraphError(f"{root} was made inside no_grad(), so nothing is known of its operands")
    nodes = without_operands + interior
    before = [node.grad for node in nodes]
    try:
        for node in without_operands:
            if node.grad is None:
                node.grad = 0.0
        for node in interior:
            node.grad = 0.0
        root.grad += seed  # type: ignore[operator]
        chain_rule(interior)
    except BaseException:
        for node, grad in zip(nodes, before, strict=True):
            node.grad = grad
        raise


def chain_rule(order: Sequence[Any]) -> None:
    """Carry each node's gradient to its operands, from the last node of the order to the first.

    Args:
        order: nodes, operands before results; each node's ``grad`` holds a number.

    Raises:
        UndefinedDerivativeError: a local gradient that is needed does not exist.
    """
    try:
        for node in reversed(order):
            for operand, local in zip(node.inputs, node.local_grads):  # noqa: B905 - the hot loop
                operand.grad += local * node.grad  # the chain rule
    except UndefinedDerivativeError:
        raise _undefined(node, node.local_grads.index(UNDEFINED)) from None


def _undefined(node: Value, index: int) -> UndefinedDerivativeError:
    assert node.op is not None
    numbers, labels = [x.data for x in node.inputs], [x.label for x in node.inputs]
    sentence = node.op.undefined_derivative(index, numbers, labels)
    return UndefinedDerivativeError(f"{sentence} Backpropagation needs it at the node {node}.")


@method
def zero_grad(root: Value) -> None:
    """Set ``grad`` to 0.0 in the root and every node below it.

    >>> a = Value(2.0)
    >>> loss = a * a
    >>> loss.backward(); loss.zero_grad(); a.grad
    0.0
    """
    for node in topological_order(root):
        node.grad = 0.0


@overload
def grad(output: Value, inputs: Value) -> Value: ...
@overload
def grad(output: Value, inputs: Sequence[Value]) -> list[Value]: ...
def grad(output: Value, inputs: Value | Sequence[Value]) -> Value | list[Value]:
    """Return the derivative of the output by each input, as Values that can be differentiated again.

    It runs the chain rule of `backward` with Values in the place of numbers; no ``grad`` is changed.

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
    wanted = [inputs] if isinstance(inputs, Value) else list(inputs)
    with _between(output, wanted, _differentiable_locals) as path:
        if path:
            path[-1].grad = Value(1.0, "seed")
        chain_rule(path)
        gradients = [x.grad for x in _present(wanted, path)]
    as_values = [x if isinstance(x, Value) else Value(0.0) for x in gradients]
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
    with _between(output, tangents, _recorded_locals) as path:
        moved = {x: as_float(tangent, "tangent") for x, tangent in tangents.items()}
        for node in path:
            if node not in moved:
                moved[node] = sum(local * moved[x] for x, local in zip(node.inputs, node.local_grads, strict=True))
    return moved.get(output, 0.0)


def jacobian(outputs: Iterable[Value], inputs: Iterable[Value]) -> list[list[float]]:
    """Return the derivative of every output by every input; no ``grad`` is changed.

    It goes backward once for each output or forward once for each input, whichever is less.

    Returns:
        One list for each output, with one number for each input.

    Raises:
        UndefinedDerivativeError: a derivative that is needed does not exist.

    >>> x, y = Value(2.0), Value(3.0)
    >>> jacobian([x * y, x + y], [x, y])
    [[3.0, 2.0], [1.0, 1.0]]
    """
    outputs, inputs = list(outputs), list(inputs)
    if len(outputs) <= len(inputs):
        return [_gradient(output, inputs) for output in outputs]
    still = dict.fromkeys(inputs, 0.0)
    return [[jvp(output, still | {x: 1.0}) for x in inputs] for output in outputs]


def hessian(output: Value, inputs: Iterable[Value]) -> list[list[float]]:
    """Return the second derivatives of the output by every pair of inputs.

    Raises:
        UndefinedDerivativeError: a derivative that is needed does not exist.

    >>> x, y = Value(2.0), Value(3.0)
    >>> hessian(x * x * y, [x, y])
    [[6.0, 4.0], [4.0, 0.0]]
    """
    inputs = list(inputs)
    return jacobian(grad(output, inputs), inputs)


def _gradient(output: Value, inputs: list[Value]) -> list[float]:
    with _between(output, inputs, _recorded_locals) as path:
        if path:
            path[-1].grad = 1.0
        chain_rule(path)
        return [float(x.grad) for x in _present(inputs, path)]


@contextmanager
def _between(
    output: Value, inputs: Iterable[Value], locals_of: Callable[[Value], tuple[Any, ...]]
) -> Iterator[list[Any]]:
    """Lend out the nodes between the inputs and the output, operands first, and restore them at the end.

    Meanwhile their gradients are 0, and they have only those operands that depend on an input, with the
    local gradients that ``locals_of`` gives.
    """
    reached = set(inputs)
    path: list[Value] = []
    for node in topological_order(output):
        if node in reached or not reached.isdisjoint(node.inputs):
            reached.add(node)
            path.append(node)
    edges = [_needed_edges(node, reached, locals_of) for node in path]
    saved = [(node, node.grad, node.inputs, node.local_grads) for node in path]
    try:
        for node, needed in zip(path, edges, strict=True):
            node.grad = 0
            node.inputs = tuple(operand for operand, _ in needed)
            node.local_grads = tuple(local for _, local in needed)
        yield path
    finally:
        for node, gradient, operands, locals_ in saved:
            node.grad, node.inputs, node.local_grads = gradient, operands, locals_


def _present(inputs: Iterable[Value], path: Iterable[Value]) -> list[Any]:
    """Return the inputs, with a node of gradient 0 in the place of each that is not on the path."""
    on_path = set(path)
    absent = Value(0.0)
    absent.grad = 0.0
    return [x if x in on_path else absent for x in inputs]


def _needed_edges(
    node: Value, reached: set[Value], locals_of: Callable[[Value], tuple[Any, ...]]
) -> list[tuple[Value, Any]]:
    if reached.isdisjoint(node.inputs):
        return []
    for index, operand in enumerate(node.inputs):
        if operand in reached and node.local_grads[index] is UNDEFINED:
            raise _undefined(node, index)
    return [(x, local) for x, local in zip(node.inputs, locals_of(node), strict=True) if x in reached]


def _recorded_locals(node: Value) -> tuple[float, ...]:
    return node.local_grads


def _differentiable_locals(node: Value) -> tuple[Value | float, ...]:
    """Return a node's local gradients as Values, by reading its rule with Values."""
    assert node.op is not None
    locals_ = node.op.rule(*node.inputs, node)
    numbers = tuple(x.data if isinstance(x, Value) else x for x in locals_)
    if repr(numbers) != repr(node.local_grads):  # repr, so that not-a-number equals itself
        raise GraphError(
            f"the data around {node} were edited after it was computed: its local gradients were "
            f"{node.local_grads}, they would now be {numbers}; compute the expression anew, then differentiate"
        )
    return locals_
