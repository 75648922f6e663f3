"""micrograd's Value: a node of the engine that is made, shown and differentiated as micrograd does it."""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import lru_cache
from math import isfinite
from numbers import Integral, Real
from typing import Any

from .. import backprop, ops
from ..backprop import Watch
from ..errors import DivisionByZeroError, DomainError
from ..graph import Node, topological_order
from ..operation import TABLE, Operation, as_float, constant
from ..recording import context
from ..recording.context import current_state
from ..slope import FLAT
from ..value import Number, carefully, in_context
from ..value import Value as EngineValue
from .by_hand import WRITTEN, by_hand, known_operation
from .operands import Operands

new = object.__new__
WHOLE = 2**53  # ints up to here are floats, too
NUMBERS: tuple[Any, ...] = Node, Real


def recorder(
    operation: Operation, value: Callable[..., Any] | None = None, slopes: Callable[..., Any] | None = None
) -> Callable[..., Value]:
    """Return the function that computes an operation and records it as a node.

    Args:
        operation: an entry of the table.
        value, slopes: the same in Python's own arithmetic, which lets ints be ints; those of the entry without them.
    """
    compute: Callable[..., Any] = value or operation.value
    rule: Callable[..., Any] = slopes or operation.rule

    def record(*given: Any) -> Value:
        operands = tuple([x if isinstance(x, Node) else lift(x) for x in given])
        numbers = [x.data for x in operands]
        node = new(Value)
        try:
            node.data = out = compute(*numbers)
            node.local_grads = rule(*numbers, out)
            if out.__class__ is not float and (out.__class__ is not int or abs(out) > WHOLE):
                raise TypeError
        except (ArithmeticError, ValueError, TypeError) as error:
            node.data, node.local_grads = _carefully(operation, operands, error)
        node.grad, node.note, node.op, node.inputs = 0, None, operation, operands
        return in_context(node) if context.entered else node  # type: ignore[return-value]

    return record


def lift(operand: Any) -> Any:
    """Return an operand as a node: a constant for a number."""
    if isinstance(operand, Node):
        return operand
    node = new(Value)
    is_number = operand.__class__ is float or operand is FLAT
    node.data = (
        operand if is_number else int(operand) if isinstance(operand, Integral) else as_float(operand, "operand")
    )
    node.grad, node.note, node.op, node.inputs, node.local_grads = 0, None, constant, (), ()
    return in_context(node) if context.entered else node


def _carefully(operation: Operation, operands: tuple[Any, ...], error: Exception) -> tuple[float, tuple[float, ...]]:
    """Return value and local gradients as the engine has them; an error is also the one that Python has raised."""
    numbers = [x.data for x in operands]
    try:
        return carefully(operation, operands)
    except DomainError as trouble:
        if isinstance(error, ZeroDivisionError):
            raise DivisionByZeroError(str(trouble)) from None
        raise
    finally:
        for x, number in zip(operands, numbers, strict=True):
            x.data = x.data if number.__class__ is not int else number  # ints stay ints


# micrograd's own operations, as Python computes them; a test holds them equal to those of the table.
add = recorder(ops.add, operator.add, lambda x, y, out: (1, 1))
mul = recorder(ops.mul, operator.mul)
relu = recorder(ops.relu, lambda x: 0 if x < 0 else x, lambda x, out: (int(out > 0),))


@lru_cache(maxsize=256, typed=True)
def power(exponent: Any) -> Callable[..., Value]:
    """Return the function that records a power with a plain number as its exponent."""
    k = int(exponent) if isinstance(exponent, Integral) else as_float(exponent, "exponent")
    return recorder(ops.power.bind(exponent=k), lambda x: x**k, lambda x, out: (k * x ** (k - 1),))


OWN = {"add": add, "mul": mul, "relu": relu}


@lru_cache(maxsize=256)
def recorder_of(operation: Operation) -> Callable[..., Value]:
    """Return the function that records an operation of the table: micrograd's own, or the engine's."""
    return OWN.get(operation.name) or recorder(operation)


def _method(operation: Operation) -> Callable[..., Value]:
    def method(self: Value, *given: Any, **parameters: float) -> Value:
        if operation.parameters:  # they may be given by position
            parameters.update(zip(operation.parameters, given, strict=False))
            given = ()
        made: Value = operation(self, *given, **parameters)
        return made

    method.__name__, method.__qualname__ = operation.name, f"Value.{operation.name}"
    method.__doc__ = f"Return {operation.written('this Value', *operation.operands[1:])}."
    return method


def _reflected(record: Callable[..., Value]) -> Callable[[Value, Number], Value]:
    return lambda x, y: record(y, x) if isinstance(y, Real) else NotImplemented


class Value(EngineValue):
    """A number that remembers how it was computed, with the attributes that micrograd gives it.

    Args:
        data: a real number; an int stays one.
        _children: the Values that it was computed from, for a node that is made by hand.
        _op: what to call the operation; or the local gradients, one for each child.
        label: a name to show in drawings and messages.

    Attributes:
        _prev: the operands; `Operands`.
        _op: the operation as micrograd writes it, such as ``"+"``, ``"**2"`` or ``"ReLU"``; empty for a leaf.
        _backward: passes the gradient on to the operands; may be called, and set.

    >>> x = Value(2.0, label="x")
    >>> def cube(x):
    ...     out = Value(x.data**3, (x,), "cube")
    ...     def _backward():
    ...         x.grad += 3 * x.data**2 * out.grad
    ...     out._backward = _backward
    ...     return out
    >>> (cube(x) * 2).backward()
    >>> x.grad, cube(x).local_grads
    (24.0, (12.0,))
    """

    grad: float
    inputs: tuple[Any, ...]

    def __init__(
        self, data: Number, _children: Any = (), _op: Any = "", label: str | None = "", *,
        children: Any = (), op: str = "", local_grads: Any = (), _local_grads: Any = (),
    ) -> None:  # fmt: skip
        if isinstance(_children, str):  # as engine.Value takes it
            _children, label = (), _children
        if not isinstance(_op, str):  # as microgpt's Value takes it
            _op, local_grads = "", _op
        super().__init__(data)
        if isinstance(data, Integral):
            self.data = int(data)
        self.grad = 0
        operands = tuple(map(lift, (*_children, *children)))
        if operands:
            self._computed_by_hand(operands, _op or op, tuple(local_grads or _local_grads))
        elif _op or op:
            self._op = _op or op
        if label:
            self.label = label

    def _computed_by_hand(self, operands: tuple[Any, ...], written: str, local_grads: tuple[Any, ...]) -> None:
        if local_grads and len(local_grads) != len(operands):
            raise ValueError(
                f"a Value needs a local gradient for each of its {len(operands)} children, not {len(local_grads)}"
            )
        self._op = written
        numbers = tuple([x.data for x in operands])
        self.op = known_operation(written, numbers, self.data) or by_hand(
            written, numbers, self.data, lambda: self.local_grads
        )
        if current_state().recording:
            self.inputs = operands
            if local_grads:
                self.local_grads = local_grads
            else:
                del self.local_grads  # asked of `_backward`, which is not there yet

    # --- arithmetic, as micrograd writes it ---
    # What is not a number is left to Python, which asks the other operand.

    def __add__(self, other: Any) -> Value:
        return add(self, other) if isinstance(other, NUMBERS) else NotImplemented

    def __mul__(self, other: Any) -> Value:
        return mul(self, other) if isinstance(other, NUMBERS) else NotImplemented

    def __pow__(self, exponent: Any) -> Value:
        if isinstance(exponent, Node):
            return recorder_of(ops.pow)(self, exponent)
        return power(exponent)(self) if isinstance(exponent, NUMBERS) else NotImplemented

    def __neg__(self) -> Value:
        return self * -1

    def __sub__(self, other: Any) -> Value:
        return self + (-other) if isinstance(other, NUMBERS) else NotImplemented

    def __rsub__(self, other: Any) -> Value:
        return -self + other if isinstance(other, NUMBERS) else NotImplemented

    def __truediv__(self, other: Any) -> Value:
        if not isinstance(other, NUMBERS):
            return NotImplemented
        inverse: Any = other if isinstance(other, Node) or other else Value(other)  # which raises our error
        return mul(self, inverse**-1)

    def __rtruediv__(self, other: Any) -> Value:
        return mul(self**-1, other) if isinstance(other, NUMBERS) else NotImplemented

    __radd__, __rmul__ = __add__, __mul__
    __rpow__ = _reflected(recorder(ops.pow))
    __mod__, __rmod__ = recorder(ops.mod), _reflected(recorder(ops.mod))

    def __abs__(self) -> Value:
        return ops.abs(self)

    @staticmethod
    def __apply__(operation: Operation, operands: tuple[Any, ...]) -> Value:
        return recorder_of(operation)(*operands)

    # --- names of micrograd's children, which the engine has under others ---

    swish, ln, arctan, arcsin, arccos = map(_method, (ops.silu, ops.log, ops.atan, ops.asin, ops.acos))
    arcsinh, arccosh, arctanh = map(_method, (ops.asinh, ops.acosh, ops.atanh))
    max, min, clamp = map(_method, (ops.maximum, ops.minimum, ops.clip))

    def square(self) -> Value:
        """Return this Value to the power of 2."""
        return self**2

    def relu6(self) -> Value:
        """Return this Value between 0 and 6."""
        return ops.clip(self, 0.0, 6.0)

    def sigmoid(self, steepness: float = 1) -> Value:
        """Return the sigmoid of this Value, or of its product with a steepness."""
        return ops.sigmoid(self if steepness == 1 else self * steepness)

    def pow(self, exponent: EngineValue | Number = 2) -> Value:
        """Return this Value to the power of a Value or a plain number."""
        return self**exponent

    def detach(self) -> Value:
        """Return a leaf with the same number, outside this graph."""
        return Value(self.data)

    def topo(self) -> list[Any]:
        """Return all nodes that this one is computed from, and itself at the end, operands before results."""
        return topological_order(self)

    # --- what micrograd keeps in a node ---

    @property
    def _prev(self) -> Operands:
        return Operands(self.inputs)

    _children = _prev

    @property
    def _local_grads(self) -> tuple[float, ...]:
        return self.local_grads

    @property
    def _op(self) -> str:
        written = self.__dict__.get("_op")
        if written is not None:
            return written  # type: ignore[no-any-return]
        return self.op.symbol.replace(" ", "") if self.op.name == "power" else WRITTEN.get(self.op.name, self.op.name)

    @_op.setter
    def _op(self, written: str) -> None:
        self.__dict__["_op"] = written

    @property
    def _backward(self) -> Callable[[], object]:
        return self.__dict__.get("_backward") or self._pass_on

    @_backward.setter
    def _backward(self, function: Callable[[], object]) -> None:
        self.__dict__["_backward"] = function
        if self.inputs:
            self.local_grads = ()  # so that there is something to delete
            del self.local_grads  # they are asked of the function

    def _pass_on(self) -> None:
        """Add to each operand's gradient what the chain rule gives it."""
        for operand, local in zip(self.inputs, self.local_grads, strict=True):
            operand.grad = (operand.grad or 0) + local * self.grad

    def __getattr__(self, name: str) -> Any:
        if name != "local_grads":
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return self._asked()

    def _asked(self) -> tuple[float, ...]:
        """Return the local gradients of a node that was made by hand: what ``_backward`` passes on of a gradient of 1.

        All that it passes on to an operand that stands twice is the first one's.
        """
        if "_backward" not in self.__dict__:
            return (0.0,) * len(self.inputs)
        nodes = (self, *self.inputs)
        before = [node.grad for node in nodes]
        try:
            for node in nodes:
                node.grad = 0.0
            self.grad = 1.0
            self._backward()
            found = {id(x): x.grad for x in self.inputs}
            return tuple(found.pop(id(x), 0.0) for x in self.inputs)
        finally:
            for node, grad in zip(nodes, before, strict=True):
                node.grad = grad

    def backward(self, seed: float = 1, stop_at: Any = None, when: Watch | None = None, **pytorchs: bool) -> None:
        """Call ``_backward`` of this node, with a gradient of 1, and of every node below it, results before operands.

        Gradients accumulate in all nodes. Inside a context that looks on, and with a breakpoint, it is
        `engine.backward`, in which the gradients of results start from zero.
        """
        order = topological_order(self)
        if (
            context.entered
            or stop_at is not None
            or when
            or pytorchs
            or any(node.note and node.note.stop for node in order)
        ):
            super().backward(seed, stop_at, when, **pytorchs)
            return
        backprop.check_recorded(self)
        self.grad = seed
        for node in reversed(order):
            node._backward() if isinstance(node, Value) else Value._pass_on(node)
        if not isfinite(sum([node.grad for node in order if not node.inputs])):
            backprop.settle(order)

    # --- as any object ---

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return self is other

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        return f"Value(data={self.data}, grad={self.grad})"

    def attributes(self) -> dict[str, Any]:
        """Return the attributes that the user added; a copy passes gradients on by the numbers that it has."""
        return {name: thing for name, thing in self.__dict__.items() if name != "_backward"}


for _entry in list(TABLE.values()):
    if _entry.name not in vars(Value):
        setattr(Value, _entry.name, _method(_entry))
