"""Backpropagation: the chain rule, applied from the root of a graph to its leaves; and what follows from it.

The method is reverse accumulation; see A. Griewank and A. Walther, *Evaluating Derivatives* (2nd edition,
SIAM 2008), chapter 3, and D. E. Rumelhart, G. E. Hinton and R. J. Williams, "Learning representations by
back-propagating errors", Nature 323 (1986), https://doi.org/10.1038/323533a0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING, Any, overload

from .errors import GraphError, UndefinedDerivativeError
from .graph import topological_order
from .ops import UNDEFINED, as_float
from .recording.context import Break, Note
from .value import Value, method

if TYPE_CHECKING:
    from .step import Backward


Watch = Callable[["Backward"], bool]


@method
def backward(root: Value, seed: float = 1.0, stop_at: Value | str | None = None, when: Watch | None = None) -> None:
    """Compute the derivative of the root by every node below it, into ``grad``.

    The gradients of leaves accumulate over calls; those of all other nodes start from zero at each call.

    With ``stop_at`` or ``when`` it drops into Python's ``breakpoint()`` on the way, so that the next line to
    run is the chain rule, with ``node``, ``operand`` and ``local`` to look at; see also `break_on_backward`.

    Args:
        root: the Value to differentiate, usually a loss.
        seed: the root's own gradient.
        stop_at: a node, or the label of one: stop before each step from it to an operand; a leaf has none,
            there it is each step that reaches it.
        when: takes a `Backward` step and tells whether to stop before it; alone, it is asked at every step.

    Raises:
        UndefinedDerivativeError: a derivative that is needed does not exist; no ``grad`` is changed then.
        GraphError: the graph has a cycle, or the root was made inside `no_grad`, or there is no node to stop at.

    >>> a, b = Value(2.0), Value(-3.0)
    >>> (a * b + a).backward()
    >>> a.grad, b.grad
    (-2.0, 2.0)
    """
    order = topological_order(root)
    propagate(order, seed, _stops(order, stop_at, when))


def propagate(order: Sequence[Value], seed: float, watch: Watch | None = None) -> None:
    """Compute the derivative of the last node of the order by every node in it, into ``grad``; see `backward`.

    Args:
        order: all nodes of a graph, as `topological_order` gives them: those without operands first.
        seed: the last node's own gradient.
        watch: called before each step of the chain rule; where it returns True, ``breakpoint()`` comes next.
    """
    seed = as_float(seed, "seed")
    root = order[-1]
    check_recorded(root)
    first = next((i for i, node in enumerate(order) if node.inputs), len(order))
    interior = order[first:]
    before = [node.grad for node in order]
    try:
        for node in order[:first]:
            if node.grad is None:
                node.grad = 0.0
        for node in interior:
            node.grad = 0.0
        root.grad += seed  # type: ignore[operator]
        chain_rule(interior, watch and _steps_for(watch, first=len(order) + 1))
    except BaseException:
        for node, grad in zip(order, before, strict=True):
            node.grad = grad
        raise


def check_recorded(root: Value) -> None:
    """Make sure that it is known what a Value is computed from.

    Raises:
        GraphError: the Value was made inside `no_grad`.
    """
    if root.op and root.op.arity and not root.inputs:
        raise GraphError(f"{root} was made inside no_grad(), so nothing is known of its operands")


def chain_rule(order: Sequence[Any], stop: Callable[[Any, Any, Any], bool] | None = None) -> None:
    """Carry each node's gradient to its operands, from the last node of the order to the first.

    Args:
        order: nodes, operands before results; each node's ``grad`` holds a number.
        stop: called before each step with node, operand and local gradient; tells whether to stop there.

    Raises:
        UndefinedDerivativeError: a local gradient that is needed does not exist.
    """
    try:
        for node in reversed(order):
            for operand, local in zip(node.inputs, node.local_grads):  # noqa: B905 - the hot loop
                if stop is not None and stop(node, operand, local):
                    breakpoint()  # noqa: T100 - asked for by stop_at, when or break_on_backward
                operand.grad += local * node.grad  # the chain rule
    except UndefinedDerivativeError:
        raise _undefined(node, node.local_grads.index(UNDEFINED)) from None


def _steps_for(watch: Watch, first: int) -> Callable[[Value, Value, float], bool]:
    """Return what makes a record of each step that `chain_rule` is about to take, for somebody who watches."""
    from .step import Backward  # needed only while somebody watches

    indices = count(first)
    last: Value | None = None
    position = 0

    def stop(node: Value, operand: Value, local: float) -> bool:
        nonlocal last, position
        position = position + 1 if node is last else 0
        last = node
        assert node.grad is not None
        assert operand.grad is not None
        return watch(Backward(next(indices), node, operand, position, local, node.grad, operand.grad))

    return stop


# --- where to stop --------------------------------------------------------------------------------------

_any_breaks = False  # whether anybody ever called break_on_backward; until then nobody looks for breaks


@method
def break_on_backward(node: Value, when: Watch | None = None) -> None:
    """Drop into Python's ``breakpoint()`` in every backward pass, before each step from this node to an operand.

    The next line to run is then the chain rule, with ``node``, ``operand`` and ``local`` to look at. A leaf has
    no operands: there it is before each step that reaches it. `clear_break` undoes it.

    Args:
        when: takes a `Backward` step and tells whether to stop before it; without it, every step stops.

    >>> import sys
    >>> sys.breakpointhook = lambda: print("here a debugger would open")
    >>> a = Value(2.0, "a")
    >>> b = a * 3.0
    >>> b.break_on_backward(when=lambda step: step.operand is a)
    >>> b.backward()
    here a debugger would open
    >>> b.clear_break()
    >>> b.backward()
    >>> sys.breakpointhook = sys.__breakpointhook__
    """
    global _any_breaks
    _checked(when)
    _any_breaks = True
    node.note = (node.note or Note())._replace(stop=Break(when))


@method
def clear_break(node: Value) -> None:
    """Undo `break_on_backward`; do nothing where there is no break."""
    if node.note and node.note.stop:
        node.note = node.note._replace(stop=None)


def _stops(order: Sequence[Value], stop_at: Value | str | None, when: Watch | None) -> Watch | None:
    """Return what tells whether to stop before a step; None if nobody asks for it."""
    _checked(when)
    conditions = {n: n.note.stop.when for n in order if n.note and n.note.stop} if _any_breaks else {}
    if stop_at is not None:
        conditions.update(dict.fromkeys(_meant(order, stop_at), when))
    elif when is not None:
        return lambda step: when(step) or _stops_here(conditions, step)
    return (lambda step: _stops_here(conditions, step)) if conditions else None


def _stops_here(conditions: Mapping[Value, Watch | None], step: Backward) -> bool:
    place = step.operand if step.operand in conditions and not step.operand.inputs else step.node
    if place not in conditions:
        return False
    when = conditions[place]
    return when is None or bool(when(step))


def _meant(order: Sequence[Value], stop_at: Value | str) -> list[Value]:
    """Return the nodes that ``stop_at`` names."""
    if isinstance(stop_at, Value):
        if stop_at not in order:
            raise GraphError(f"cannot stop at {stop_at}: it is no node of this graph")
        return [stop_at]
    if not isinstance(stop_at, str):
        raise TypeError(f"stop_at is a label or a Value, not {type(stop_at).__name__} {stop_at!r}")
    found = [node for node in order if node.label == stop_at]
    if not found:
        raise GraphError(f"cannot stop at {stop_at!r}: {_near_misses(stop_at, [n.label for n in order if n.label])}")
    return found


def _near_misses(missing: str, labels: list[str]) -> str:
    if not labels:
        return "no node of this graph has a label; set one (v.label = 'd'), or pass the Value itself"
    from difflib import get_close_matches  # takes a millisecond to import

    near = get_close_matches(missing, labels, n=3, cutoff=0.5)
    if near:
        return f"no node of this graph has this label; did you mean {' or '.join(map(repr, near))}?"
    shown = ", ".join(map(repr, labels[:8])) + (", ..." if len(labels) > 8 else "")
    return f"no node of this graph has this label; it has {shown}"


def _checked(when: Watch | None) -> None:
    if when is not None and not callable(when):
        raise TypeError(f"when is a function of a step, such as lambda step: abs(step.local) > 1, not {when!r}")


def _undefined(node: Value, index: int) -> UndefinedDerivativeError:
    assert node.op is not None
    numbers, labels = [x.data for x in node.inputs], [x.label for x in node.inputs]
    sentence = node.op.undefined_derivative(index, numbers, labels)
    made = f", made at {node.source}" if node.source else ""
    return UndefinedDerivativeError(f"{sentence} Backpropagation needs it at the node {node}{made}.")


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
