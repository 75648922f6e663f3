"""Value: a number that remembers how it was computed."""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable
from functools import lru_cache
from numbers import Real
from typing import TYPE_CHECKING, Any, TypeVar

from . import ops
from .errors import DomainError, OperationError, UsageError
from .ops import Operation, as_float
from .recording import context
from .recording.context import Note, current_state, located
from .recording.math_call import RENAMED, math_call
from .recording.source import Source

Number = float | int
F = TypeVar("F", bound=Callable[..., Any])
new = object.__new__

# --- recording ----------------------------------------------------------------------------------------
# The two recorders are the only hot code of the engine: short, free of loops, and alike.


def _recorder1(operation: Operation) -> Callable[[Value], Value]:
    """Return the function that computes an operation of one operand and records it as a node."""
    value, rule = operation.value, operation.rule

    def record(x: Value) -> Value:
        node = new(Value)
        try:
            node.data = out = value(x.data)
            node.local_grads = rule(x.data, out)
        except (ArithmeticError, ValueError):
            node.data, node.local_grads = _carefully(operation, (x,))
        node.grad = node.note = None
        node.op = operation
        node.inputs = (x,)
        return _in_context(node) if context.entered else node

    return record


def _recorder2(operation: Operation) -> Callable[[Value, Value | Number], Value]:
    """Return the function that computes an operation of two operands and records it as a node."""
    value, rule = operation.value, operation.rule

    def record(x: Value, y: Any) -> Value:
        if y.__class__ is not Value:
            y = _lifted(y)
            if y is NotImplemented:
                return NotImplemented  # type: ignore[no-any-return]
        node = new(Value)
        try:
            node.data = out = value(x.data, y.data)
            node.local_grads = rule(x.data, y.data, out)
        except (ArithmeticError, ValueError):
            node.data, node.local_grads = _carefully(operation, (x, y))
        node.grad = node.note = None
        node.op = operation
        node.inputs = (x, y)
        return _in_context(node) if context.entered else node

    return record


def _recorder_n(operation: Operation) -> Callable[..., Value]:
    """Return the function that computes an operation of any number of operands and records it as a node."""

    def record(*operands: Value) -> Value:
        node = new(Value)
        node.data, node.local_grads = _carefully(operation, operands)
        node.grad = node.note = None
        node.op = operation
        node.inputs = operands
        return _in_context(node) if context.entered else node

    return record


@lru_cache(maxsize=1024)
def _recorder(operation: Operation) -> Callable[..., Value]:
    """Return the function that computes an operation of Values and records it as a node."""
    if operation.arity == 1:
        return _recorder1(operation)
    return _recorder2(operation) if operation.arity == 2 else _recorder_n(operation)


def _carefully(operation: Operation, operands: tuple[Value, ...]) -> tuple[float, tuple[float, ...]]:
    """Return value and local gradients where either may not exist, with a full account if the value does not."""
    numbers = tuple(x.data for x in operands)
    try:
        out = operation.evaluate(numbers, [x.label for x in operands])
    except DomainError as error:
        raise type(error)(f"{error}{_whereabouts(operation, operands)}") from None
    return out, operation.local_derivatives(numbers, out)


def _whereabouts(operation: Operation, operands: tuple[Value, ...]) -> str:
    """Return the sentences that say where an operation stands and where its operands were made, if known."""
    standing = located(None).source if current_state().locating else None
    sentences = [f" It stands at {standing}."] if standing else []
    for name, operand in zip(operation.operands, operands, strict=True):
        if operand.source:
            sentences.append(f" {name} was made at {operand.source}.")
    return "".join(sentences)


def _in_context(node: Value) -> Value:
    """Note on a new node what the contexts around it ask for."""
    node.note, recording, locating, _, kind = current_state()
    if locating:
        node.note = located(node.note)
    if kind:
        kind.take(node, recording)
    if not recording:
        node.inputs = node.local_grads = ()
    return node


def _lifted(operand: Any) -> Any:
    """Return an operand as a Value: a constant for a number, NotImplemented for what is neither."""
    if operand.__class__ is not float:
        if isinstance(operand, Value):
            return operand
        if not isinstance(operand, Real):
            return NotImplemented
    node = new(Value)
    node.data = float(operand)
    node.grad = node.note = None
    node.op = ops.constant
    node.inputs = node.local_grads = ()
    return _in_context(node) if context.entered else node


def _operator(operation: Operation) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Return an operator's method and its reflected one, for ``x - 1`` and ``1 - x``."""
    record = _recorder2(operation)

    def reflected(x: Value, y: Number) -> Value:
        lifted = _lifted(y)
        return lifted if lifted is NotImplemented else record(lifted, x)

    return record, reflected


def _comparison(compare: Callable[[float, float], bool]) -> Callable[[Value, object], bool]:
    """Return the method that compares the data of two Values, or of a Value and a number."""

    def compared(x: Value, y: object) -> bool:
        if isinstance(y, Value):
            return compare(x.data, y.data)
        return compare(x.data, float(y)) if isinstance(y, Real) else NotImplemented

    return compared


@lru_cache(maxsize=256)
def _power(exponent: Number) -> Callable[..., Value]:
    return _recorder(ops.power.bind(exponent=exponent))


# --- Value --------------------------------------------------------------------------------------------


class Value:
    """Hold a number and how it was computed: a node of the graph of scalar operations.

    Args:
        data: a real number; NumPy scalars, ints and fractions are welcome.
        label: a name to show in drawings and messages; it may be set at any time.

    Attributes:
        data: the number, a float.
        grad: the derivative of the root of the last backward pass by this node; None: not computed.
        op: the `Operation` that made the node; None for a number given by a person.
        inputs: the operands, in order; ``a * a`` has ``a`` twice.
        local_grads: the derivative of this node by each operand, at the numbers recorded.
        note: label, scope and source; see `context.Note`.

    Raises:
        TypeError: ``data`` is not a real number.

    >>> a, b = Value(2.0, "a"), Value(-3.0, "b")
    >>> c = a * b + 10
    >>> c
    Value(4, grad=not computed, op='+')
    >>> c.backward()
    >>> a
    Value(2, grad=-3, label='a')
    """

    __slots__ = ("data", "grad", "inputs", "local_grads", "note", "op")

    data: float
    grad: float | None
    op: Operation | None
    inputs: tuple[Value, ...]
    local_grads: tuple[float, ...]
    note: Note | None

    def __init__(self, data: Number, label: str = "") -> None:
        if isinstance(data, Value):
            raise TypeError("this is a Value already; use it as it is, or Value(v.data) for one outside its graph")
        self.data = as_float(data, "Value")
        self.grad = self.op = self.note = None
        self.inputs = self.local_grads = ()
        if context.entered:
            _in_context(self)
        if label != "":
            self.label = label

    @property
    def label(self) -> str:
        """The name that a person gave the node, or an empty text."""
        return self.note.label if self.note else ""

    @label.setter
    def label(self, label: str) -> None:
        if not isinstance(label, str):
            raise TypeError(f"a label is a text, not {type(label).__name__} {label!r}")
        self.note = (self.note or Note())._replace(label=label)

    @property
    def scope(self) -> tuple[str, ...]:
        """The names of the scopes that the node was made in, outermost first."""
        return self.note.scope if self.note else ()

    @property
    def source(self) -> Source | None:
        """The statement that made the node, where `record_source` was on."""
        return self.note.source if self.note else None

    __add__, __radd_any__ = _operator(ops.add)
    __sub__, __rsub__ = _operator(ops.sub)
    __mul__, __rmul__ = _operator(ops.mul)
    __truediv__, __rtruediv__ = _operator(ops.div)
    __neg__ = _recorder1(ops.neg)
    __abs__ = _recorder1(ops.abs)

    def __radd__(self, other: Number) -> Value:
        if other.__class__ is int and other == 0:  # what sum() starts from
            return self
        return self.__radd_any__(other)  # type: ignore[no-any-return]

    __pow_any__, __rpow__ = _operator(ops.pow)

    def __pow__(self, exponent: Value | Number) -> Value:
        if isinstance(exponent, float | int):
            return _power(exponent)(self)
        return self.__pow_any__(exponent)  # type: ignore[no-any-return]

    def __pos__(self) -> Value:
        return self

    @staticmethod
    def __apply__(operation: Operation, operands: tuple[Any, ...]) -> Value:
        lifted = [x if x.__class__ is Value else _lifted(x) for x in operands]
        if NotImplemented in lifted:
            as_float(operands[lifted.index(NotImplemented)], operation.name)  # raises what names the operand
        return _recorder(operation)(*lifted)

    __lt__ = _comparison(operator.lt)
    __le__ = _comparison(operator.le)
    __gt__ = _comparison(operator.gt)
    __ge__ = _comparison(operator.ge)
    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Real):
            raise UsageError(
                f"== tells whether two Values are the same node; compare numbers with v.data == {other!r} "
                f"or math.isclose(v.data, {other!r})"
            )
        return self is other if isinstance(other, Value) else NotImplemented

    def __bool__(self) -> bool:
        return self.data != 0.0

    def __float__(self) -> float:
        name = math_call(sys._getframe(1))
        if name:
            raise UsageError(_instead_of(name))
        return self.data

    def __format__(self, spec: str) -> str:
        return format(self.data, spec) if spec else str(self)

    def __repr__(self) -> str:
        grad = "not computed" if self.grad is None else f"{self.grad:.6g}"
        made = f", op={self.op.symbol!r}" if self.op else ""
        label = f", label={self.label!r}" if self.label else ""
        source = f", source={self.source.place!r}" if self.source else ""
        return f"Value({self.data:.6g}, grad={grad}{made}{label}{source})"

    if TYPE_CHECKING:  # what the table of operations and the layers above give to Value, see `method`

        def __getattr__(self, name: str) -> Callable[..., Value]: ...
        def backward(  # noqa: D102 - told where it is defined, as are the next ones
            self,
            seed: float = 1.0,
            stop_at: Value | str | None = None,
            when: Callable[[Any], bool] | None = None,
        ) -> None: ...
        def break_on_backward(self, when: Callable[[Any], bool] | None = None) -> None: ...  # noqa: D102
        def clear_break(self) -> None: ...  # noqa: D102
        def zero_grad(self) -> None: ...  # noqa: D102


def _instead_of(name: str) -> str:
    ours = RENAMED.get(name, name)
    if ours == "sum":
        write = "sum(values)"
    elif ours in ops.TABLE:
        write = f"engine.{ours}(v)"
    else:
        write = f"operations that engine has, or add {ours} with engine.register"
    return (
        f"math.{name}(v) would give a plain number, cut off from the graph: write {write}. "
        f"If the plain number is meant, write math.{name}(v.data)"
    )


def method(function: F) -> F:
    """Make a function a method of Value, so that it reads ``loss.backward()``; return the function."""
    setattr(Value, function.__name__, function)
    return function


def _as_method(operation: Operation) -> None:
    def apply(*operands: Value | Number, **parameters: float) -> Value:
        return operation(*operands, **parameters)

    plain = operation.arity < 3 and not operation.parameters and operation is not ops.pow
    named: Callable[..., Value] = _recorder(operation) if plain else apply
    setattr(Value, operation.name, named)


for _operation in ops.TABLE.values():
    _as_method(_operation)


def register(name: str, value: Callable[..., float], rule: Callable[..., tuple[Any, ...]], **details: Any) -> Operation:
    """Add an operation of your own to the table.

    From then on it is a function and a method of Value; it can be differentiated again, checked
    (`check_operation`), drawn, explained and replayed like those the table came with.

    Args:
        name: a new name, a Python identifier.
        value: function of the operands, floats, that returns the value, a float.
        rule: function of the operands and ``out``, the value, that returns a tuple with the local
            derivative by each operand, written in operators and functions of `engine`.
        details: samples, parameters, symbol, text, latex, domain, kink ...; see `engine.ops.op`.

    Returns:
        The operation.

    Raises:
        OperationError: the name is taken, or the rule gives the wrong number of local derivatives.

    >>> import engine
    >>> cube = engine.register("cube", lambda x: x * x * x, lambda x, out: (3.0 * x * x,))
    >>> x = Value(2.0)
    >>> cube(x).backward()
    >>> x.grad
    12.0
    >>> engine.unregister("cube")
    """
    if hasattr(Value, name):
        raise OperationError(f"{name!r} is already something that a Value has; choose another name")
    operation = ops.enter(ops.op(name, value, rule, **details))
    _as_method(operation)
    return operation


def unregister(name: str) -> None:
    """Take an operation of your own out of the table again.

    Raises:
        OperationError: there is no such operation, or it is one that the table came with.
    """
    if name in BUILT_IN:
        raise OperationError(f"{name!r} came with the table and stays in it")
    del ops.TABLE[ops.look_up(name).name]
    delattr(Value, name)


BUILT_IN = frozenset(ops.TABLE)
