"""Value: a number that remembers how it was computed."""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable
from functools import lru_cache
from numbers import Real
from types import ModuleType
from typing import Any, NamedTuple

from . import backprop, graph, ops
from .backprop import Watch
from .errors import DomainError, OperationError, UsageError
from .graph import Node
from .operation import TABLE, Operation, as_float, constant, enter, leaf, look_up, op
from .pytorch_words import INSTEAD, Elsewhere
from .recording import context
from .recording.context import current_state, located, note_unseen
from .slope import FLAT
from .template import check_name

Number = float | int
UNFOLLOWED = "it reads the number of a Value that is made in a way that is not followed"  # while it is traced
new = object.__new__

# --- recording ----------------------------------------------------------------------------------------
# The recorders for one and two operands are the only hot code of the engine: short, free of loops, and alike.


def unary(operation: Operation) -> Callable[[Value], Value]:
    """Return the function that computes an operation of one operand and records it as a node."""
    value, rule = operation.value, operation.rule

    def record(x: Value) -> Value:
        node = new(Value)
        try:
            node.data = out = value(x.data)
            node.local_grads = rule(x.data, out)
            if out.__class__ is not float and out is not FLAT:
                raise TypeError
        except (ArithmeticError, ValueError, TypeError):
            node.data, node.local_grads = carefully(operation, (x,))
        node.grad = node.note = None
        node.op = operation
        node.inputs = (x,)
        return in_context(node) if context.entered else node

    record.__qualname__ = f"Value.{operation.name}"  # for Python's own message about a wrong count of operands
    return record


def binary(operation: Operation, is_operator: bool = False) -> Callable[[Value, Value | Number], Value]:
    """Return the function that computes an operation of two operands and records it as a node.

    As an operator, it returns NotImplemented for what is not a number, so that Python asks the other operand.
    """
    value, rule = operation.value, operation.rule

    def record(x: Value, y: Any) -> Value:
        if y.__class__ is not Value:
            given, y = y, lift(y)
            if y is NotImplemented:
                return NotImplemented if is_operator else as_float(given, operation.name)  # type: ignore[return-value]
        node = new(Value)
        try:
            node.data = out = value(x.data, y.data)
            node.local_grads = rule(x.data, y.data, out)
            if out.__class__ is not float and out is not FLAT:
                raise TypeError
        except (ArithmeticError, ValueError, TypeError):
            node.data, node.local_grads = carefully(operation, (x, y))
        node.grad = node.note = None
        node.op = operation
        node.inputs = (x, y)
        return in_context(node) if context.entered else node

    record.__qualname__ = f"Value.{operation.name}"
    return record


def reflected(operation: Operation) -> Callable[[Value, Number], Value]:
    """Return the operator for a plain number on the left, as in ``1 - x``."""
    record = binary(operation)

    def recorded(x: Value, y: Number) -> Value:
        lifted = lift(y)
        return lifted if lifted is NotImplemented else record(lifted, x)

    return recorded


@lru_cache(maxsize=1024)
def recorder(operation: Operation) -> Callable[..., Value]:
    """Return the function that computes an operation of nodes and records it as a node."""
    if operation.arity == 1:
        return unary(operation)
    if operation.arity == 2:
        return binary(operation)

    def record(*operands: Value) -> Value:
        node = new(Value)
        node.data, node.local_grads = carefully(operation, operands)
        node.grad = node.note = None
        node.op = operation
        node.inputs = operands
        return in_context(node) if context.entered else node

    return record


def lift(operand: Any) -> Any:
    """Return an operand as a Value: a constant for a number, NotImplemented for what is neither."""
    if operand.__class__ is not float:
        if isinstance(operand, Node):
            return operand
        if not isinstance(operand, Real):
            return NotImplemented
        operand = operand if operand is FLAT else as_float(operand, "operand")
    node = new(Value)
    node.data = operand
    node.grad = node.note = None
    node.op = constant
    node.inputs = node.local_grads = ()
    return in_context(node) if context.entered else node


def in_context(node: Value) -> Value:
    """Note on a new node what the contexts around it ask for."""
    node.note, recording, locating, _, trace, observer, _, guard = current_state()
    if locating:
        node.note = located(node.note)
    if trace:
        trace.take(node, recording)
    elif observer:
        observer.take(node, recording)
    if guard:
        guard.take(node)
    if not recording:
        node.inputs = node.local_grads = ()
    return node


def carefully(operation: Operation, operands: tuple[Value, ...]) -> tuple[float, tuple[float, ...]]:
    """Return value and local gradients where either may not exist, with a full account if the value does not."""
    for x in operands:
        if x.data.__class__ is not float and x.data is not FLAT:  # such as one of NumPy's, put there by the user
            x.data = as_float(x.data, x.label or "data")
    numbers = tuple(x.data for x in operands)
    try:
        out = operation.evaluate(numbers, [x.label for x in operands])
    except DomainError as error:
        here = located(None).source if current_state().locating else None
        made = [
            f" {name} was made at {x.source}." for name, x in zip(operation.operands, operands, strict=True) if x.source
        ]
        note_unseen("an operation has no value")
        raise type(error)(f"{error}{f' It was computed at {here}.' if here else ''}{''.join(made)}") from None
    return out, operation.local_derivatives(numbers, out)


def _comparison(compare: Callable[[float, float], bool]) -> Callable[[Value, Value | Number], bool]:
    """Return the method that compares the data of two Values, or of a Value and a number."""

    def compared(x: Value, y: object) -> bool:
        note_unseen(UNFOLLOWED)
        if isinstance(y, Value):
            return compare(x.data, y.data)
        return compare(x.data, as_float(y, "comparison")) if isinstance(y, Real) else NotImplemented

    return compared


@lru_cache
def _math_call() -> ModuleType:
    from .recording import math_call  # takes milliseconds

    return math_call


@lru_cache(maxsize=256)
def _power(exponent: Any) -> Callable[..., Value]:
    return recorder(ops.power.bind(exponent=exponent))


# --- Value --------------------------------------------------------------------------------------------


class Value(Node):
    """A number that remembers how it was computed; its attributes are those of `engine.graph.Node`.

    Args:
        data: a real number; NumPy scalars, ints and fractions are welcome.
        label: a name to show in drawings and messages; it may be set at any time.

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

    __slots__ = ()

    inputs: tuple[Value, ...]

    def __init__(self, data: Number, label: str = "") -> None:
        if isinstance(data, Value):
            raise TypeError("this is a Value already; use it as it is, or Value(v.data) for one outside its graph")
        given: Any = data  # or what stands for a float while a function is traced
        is_traced = given.__class__ is not float and isinstance(given, Node)
        self.data = given if given.__class__ is float else given.data if is_traced else as_float(given, "Value")
        self.grad = self.note = None
        self.op = leaf
        self.inputs = self.local_grads = ()
        if context.entered:
            in_context(self)
            if is_traced:
                self.op, self.inputs, self.local_grads = ops.mul, (given, lift(1.0)), (1.0, given.data)
        if label != "":
            self.label = label

    # --- arithmetic ---

    __add__ = binary(ops.add, is_operator=True)
    __sub__, __rsub__ = binary(ops.sub, is_operator=True), reflected(ops.sub)
    __mul__, __rmul__ = binary(ops.mul, is_operator=True), reflected(ops.mul)
    __truediv__, __rtruediv__ = binary(ops.div, is_operator=True), reflected(ops.div)
    __mod__, __rmod__ = binary(ops.mod, is_operator=True), reflected(ops.mod)
    __neg__ = unary(ops.neg)
    __abs__ = unary(ops.abs)
    _add_to, _pow, __rpow__ = reflected(ops.add), binary(ops.pow, is_operator=True), reflected(ops.pow)

    def __radd__(self, other: Number) -> Value:
        if other.__class__ is int and other == 0:  # what sum() starts from
            return self
        return self._add_to(other)

    def __pow__(self, exponent: Value | Number) -> Value:
        if exponent.__class__ is float or exponent.__class__ is int or isinstance(exponent, Real):
            return _power(exponent)(self)
        return self._pow(exponent)

    def __pos__(self) -> Value:
        return self

    @staticmethod
    def __apply__(operation: Operation, operands: tuple[Any, ...]) -> Value:
        lifted = []
        for operand in operands:
            x = operand if operand.__class__ is Value else lift(operand)
            if x is NotImplemented:
                as_float(operand, operation.name)  # raises what names the operand
            lifted.append(x)
        return recorder(operation)(*lifted)

    # --- the operations of the table, as methods ---

    add, sub, mul, div = map(binary, (ops.add, ops.sub, ops.mul, ops.div))
    neg, abs = __neg__, __abs__
    exp = unary(ops.exp)
    expm1 = unary(ops.expm1)
    log = unary(ops.log)
    log1p = unary(ops.log1p)
    sqrt = unary(ops.sqrt)
    sin = unary(ops.sin)
    cos = unary(ops.cos)
    tan = unary(ops.tan)
    asin, acos, atan = map(unary, (ops.asin, ops.acos, ops.atan))
    sinh, cosh = map(unary, (ops.sinh, ops.cosh))
    asinh, acosh, atanh = map(unary, (ops.asinh, ops.acosh, ops.atanh))
    exp2, log2, log10, cbrt = map(unary, (ops.exp2, ops.log2, ops.log10, ops.cbrt))
    mod, hypot, atan2, logaddexp = map(binary, (ops.mod, ops.hypot, ops.atan2, ops.logaddexp))
    floor, ceil, sinc = map(unary, (ops.floor, ops.ceil, ops.sinc))
    softsign, mish, selu = map(unary, (ops.softsign, ops.mish, ops.selu))
    hardtanh, hardsigmoid, hardswish = map(unary, (ops.hardtanh, ops.hardsigmoid, ops.hardswish))
    tanh = unary(ops.tanh)
    sigmoid = unary(ops.sigmoid)
    softplus = unary(ops.softplus)
    silu = unary(ops.silu)
    gelu = unary(ops.gelu)
    erf = unary(ops.erf)
    erfc = unary(ops.erfc)
    relu = unary(ops.relu)
    sign = unary(ops.sign)
    base_slope = binary(ops.base_slope)
    exponent_slope = binary(ops.exponent_slope)

    def pow(self, exponent: Value | Number) -> Value:
        """Return this Value to the power of a Value or a plain number."""
        return ops.pow(self, exponent)

    def power(self, exponent: float = 2.0) -> Value:
        """Return this Value to the power of a plain number."""
        return ops.power(self, exponent=exponent)

    def leaky_relu(self, slope: float = 0.01) -> Value:
        """Return this Value where it is positive, else the slope times it."""
        return ops.leaky_relu(self, slope=slope)

    def elu(self, alpha: float = 1.0) -> Value:
        """Return this Value where it is positive, else alpha * (exp(x) - 1)."""
        return ops.elu(self, alpha=alpha)

    def sinc_slope(self, order: float = 1.0) -> Value:
        """Return the derivative of an order of `sinc` at this Value."""
        return ops.sinc_slope(self, order=order)

    def clip(self, low: Value | Number, high: Value | Number) -> Value:
        """Return this Value where it lies between two limits, else the nearer limit."""
        return ops.clip(self, low, high)

    _maximum, _minimum = binary(ops.maximum), binary(ops.minimum)

    def maximum(self, *others: Value | Number) -> Value:
        """Return the largest of this Value and others."""
        return self._maximum(*others) if len(others) == 1 else ops.maximum(self, *others)

    def minimum(self, *others: Value | Number) -> Value:
        """Return the smallest of this Value and others."""
        return self._minimum(*others) if len(others) == 1 else ops.minimum(self, *others)

    def where(self, x: Value | Number, y: Value | Number) -> Value:
        """Return x where this Value is greater than 0, else y."""
        return ops.where(self, x, y)

    # --- comparing and converting ---

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
        note_unseen(UNFOLLOWED)
        return self.data != 0.0

    def __float__(self) -> float:
        note_unseen(UNFOLLOWED)
        math_call = _math_call()
        called = math_call.math_call(sys._getframe(1))
        if not called:
            return float(self.data)
        name = called.partition(".")[2]
        ours = math_call.RENAMED.get(name, name)
        remedy = f"engine.{ours}(v)" if ours in TABLE else f"engine's operations, or add {ours} with engine.register"
        raise UsageError(
            f"{called}(v) would give a plain number, cut off from the graph: write "
            f"{'sum(values)' if ours == 'sum' else remedy}. If the plain number is meant, write {called}(v.data)"
        )

    def __format__(self, spec: str) -> str:
        return format(self.data, spec) if spec else str(self)

    def __dir__(self) -> list[str]:  # what debuggers and completion show
        return [name for name in super().__dir__() if not isinstance(vars(Value).get(name), Elsewhere)]

    # --- copying ---

    def __copy__(self) -> Value:
        copied: Value = graph.copy_node(self)
        return copied

    def __deepcopy__(self, memo: dict[int, Any]) -> Value:
        copied: Value = graph.copy_graph(self, memo)
        return copied

    def __reduce__(self) -> tuple[Any, ...]:
        return graph.flat_graph(self)

    # --- backpropagation ---

    def backward(
        self, seed: float = 1.0, stop_at: Value | str | None = None, when: Watch | None = None, *,
        retain_graph: bool = True, create_graph: bool = False,
    ) -> None:  # fmt: skip
        """Compute the derivative of this Value with respect to every node below it, into ``grad``.

        See `engine.backward` for the arguments; those that PyTorch has besides change nothing, since a graph is always
        retained, and gradients that have a graph are what `engine.grad` returns.
        """
        if create_graph:
            raise UsageError("backward(create_graph=True): engine.grad(loss, inputs) returns gradients with a graph")
        backprop.backward(self, seed, stop_at, when)

    @property
    def requires_grad(self) -> bool:
        """Whether a gradient goes through this Value: not a constant, and not made in `no_grad`."""
        return self.is_leaf or bool(self.inputs)

    def item(self) -> float:
        """Return the number."""
        return self.data

    def detach(self) -> Value:
        """Return a leaf with the same number, outside this graph."""
        return Value(self.data)

    def break_on_backward(self, when: Watch | None = None) -> None:
        """Drop into ``breakpoint()`` in every backward pass, before each step from this node; see `engine.backprop`."""
        backprop.break_on_backward(self, when)

    def clear_break(self) -> None:
        """Undo `break_on_backward`; do nothing where there is no break."""
        backprop.clear_break(self)

    def zero_grad(self) -> None:
        """Set ``grad`` to 0.0 in this Value and every node below it."""
        backprop.zero_grad(self)


for _name, _instead in INSTEAD.items():
    setattr(Value, _name, Elsewhere(_name, _instead))


class Edge(NamedTuple):
    """An edge of a graph, from a node to one of its operands."""

    node: Value
    place: int  # which of the node's inputs the operand is

    @property
    def operand(self) -> Value:
        """The operand."""
        return self.node.inputs[self.place]

    @property
    def local(self) -> float:
        """The local gradient: the derivative of the node with respect to the operand."""
        return self.node.local_grads[self.place]


BUILT_IN = frozenset(TABLE)


def register(name: str, value: Callable[..., float], rule: Callable[..., tuple[Any, ...]], **details: Any) -> Operation:
    """Add an operation of your own to the table.

    From then on it is a function and a method of Value; it can be differentiated again, checked
    (`check_operation`), drawn, explained and replayed like the built-in ones.

    Args:
        name: a new name, a Python identifier.
        value: function of the operands, floats, that returns the value, a float.
        rule: function of the operands and ``out``, the value, that returns a tuple with the local
            derivative with respect to each operand, written in operators and functions of `engine`.
        details: samples, parameters, symbol, text, latex, domain, kink ...; see `engine.operation.op`.

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
    check_name(name)
    if hasattr(Value, name):
        raise OperationError(f"{name!r} is already an attribute of Value; choose another name")
    operation = enter(op(name, value, rule, **details))

    def method(*operands: Value | Number, **parameters: float) -> Value:
        return operation(*operands, **parameters)

    setattr(Value, name, method)  # a `__getattr__` would do without, and make every other attribute slower
    return operation


def unregister(name: str) -> None:
    """Take an operation of your own out of the table again.

    Raises:
        OperationError: there is no such operation, or it is built in.
    """
    if name in BUILT_IN:
        raise OperationError(f"{name!r} is built in and cannot be removed")
    del TABLE[look_up(name).name]
    delattr(Value, name)
