r"""An operation: its value, its local derivatives, and how it is written; the table itself is in `engine.ops`."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache, partial
from numbers import Real
from sys import float_info
from types import MappingProxyType
from typing import Any, NoReturn, Protocol, TypeVar, overload

from .errors import ComplexError, DomainError, OperationError, TooLargeError, UndefinedDerivativeError
from .slope import FLAT, UNDEFINED
from .support.text import counted, format_exact
from .template import check_name, check_texts

# How strongly a written form binds: an operand that binds less strongly goes into brackets.
SUM, PRODUCT, SIGN, POWER, ATOM = 1, 2, 3, 4, 5
USUAL_SAMPLES = (0.7, -0.3, 1.9, 12.5)
LIMIT = f": it would exceed {float_info.max:.2g}, the largest number of 64 bits"
COMPLEX = ": it comes to a complex number, and these are not supported"
TOO_LARGE = f"{LIMIT}. Scale the operands; if a training diverges, lower its learning rate."

DETAILS = ("text", "latex", "precedence", "domain", "hint", "kink", "convention", "role", "range")

TABLE: dict[str, Operation] = {}  # every operation by its name; filled by `engine.ops` and by `engine.register`


class Operand(Protocol):
    """What an operation accepts besides plain numbers: something that knows how to apply it."""

    @staticmethod
    def __apply__(operation: Operation, operands: tuple[Any, ...]) -> Any: ...


T = TypeVar("T", bound=Operand)


class Operation:
    """One entry of the table: an operation's value, local derivatives and written form.

    It is also the function itself: numbers in, number out; Values in, Value out.

    >>> from engine import tanh
    >>> tanh(0.5)
    0.46211715726000974
    >>> tanh.rule(0.5, 0.46211715726000974)
    (0.7864477329659274,)
    """

    name: str  # the name in the table, in programs and as a method of Value
    arity: int  # the number of operands
    operands: tuple[str, ...] = ()  # the operands' names in ``rule``, such as ``("x", "y")``
    # function of one float for each operand (and the parameters, by name) that returns a float
    value: Callable[..., float]
    # function of the operands and ``out`` (and the parameters) that returns a tuple with one local derivative for each
    # operand
    rule: Callable[..., tuple[Any, ...]]
    # constants of the operation that are not operands, such as a slope
    parameters: Mapping[str, float] = MappingProxyType({})
    form: str = ""  # the short form on a drawing, such as ``*``; in ``form``, ``{slope}`` stands for a parameter
    symbol: str
    text: str = ""  # the written form, with ``{0}``, ``{1}`` in the operands' places
    latex: str = ""
    precedence: int = ATOM  # how strongly the written form binds (`SUM` to `ATOM`)
    domain: str = ""  # where the operation is defined, in words; empty when everywhere
    hint: str = ""  # a remedy for operands outside the domain
    # function of the operands that crosses zero where the derivative jumps; None without one
    kink: Callable[..., float] | None = None
    convention: str = ""  # the derivative on the kink; empty without one
    role: str = ""  # what a network uses it for: ``"activation"``, ``"linear"`` or nothing
    range: tuple[float, float] = (-math.inf, math.inf)  # the smallest and the largest value it can have
    samples: tuple[tuple[float, ...], ...] = ()  # operands at which the entry is tried out
    origin: Operation | None = None  # the entry that this one was bound from

    def __init__(self, **entry: Any) -> None:
        self.__dict__.update(entry)

    def __setattr__(self, name: str, thing: object) -> NoReturn:
        raise AttributeError(f"an operation cannot be changed; {self.name}.bind(...) returns one with other parameters")

    __delattr__ = __setattr__  # type: ignore[assignment]

    @property
    def general(self) -> Operation:
        """The entry of the table, with its own parameters."""
        return self.origin or self

    @overload
    def __call__(self, *operands: float, **parameters: float) -> float: ...  # type: ignore[overload-overlap]
    @overload
    def __call__(self, *operands: T | float, **parameters: float) -> T: ...
    def __call__(self, *operands: Any, **parameters: float) -> Any:
        """Apply the operation to plain numbers, or to anything that records or writes it."""
        if parameters:
            return self.bind(**parameters)(*operands)
        if len(operands) != self.arity:
            return self.of(len(operands))(*operands)
        for operand in operands:
            if operand.__class__ is not float:
                break
        else:
            return self.evaluate(operands)
        for operand in operands:
            if hasattr(operand, "__apply__"):
                return operand.__apply__(self, operands)
        return self.evaluate([as_float(operand, self.name) for operand in operands])

    def of(self, count: int) -> Operation:
        """Return the operation for a count of operands: itself, unless it takes any number of them.

        Raises:
            TypeError: it does not take so many operands.
        """
        if count != self.arity:
            raise TypeError(f"{self.name} takes {counted(self.arity, 'operand')}, not {count}")
        return self

    def evaluate(self, numbers: Sequence[float], labels: Iterable[str] = ()) -> float:
        """Return the value at plain numbers.

        Args:
            numbers: one float for each operand.
            labels: the operands' labels, for the message of an error.

        Raises:
            DomainError: the operation has no value there.
        """
        try:
            out = self.value(*numbers)
        except OverflowError:
            reason = self._needs() if "overflow" in self.domain else TOO_LARGE
            raise TooLargeError(self._trouble("is too large", numbers, labels, reason)) from None
        except (ArithmeticError, ValueError):
            raise DomainError(self._trouble("has no value", numbers, labels, self._needs())) from None
        except TypeError as error:
            if "complex" not in str(error):
                raise
            raise ComplexError(self._trouble("has no value", numbers, labels, COMPLEX)) from None
        if out.__class__ is complex:
            raise ComplexError(self._trouble("has no value", numbers, labels, COMPLEX))
        return out if out.__class__ is float or out is FLAT else as_float(out, f"the value of {self.written()}")

    def local_derivatives(self, operands: Sequence[Any], out: Any) -> tuple[Any, ...]:
        """Return the local derivatives at numbers or Values, `UNDEFINED` for each that does not exist.

        See `engine.slope` for these, and for `FLAT`.
        """
        try:
            return self.rule(*operands, out)
        except (ArithmeticError, ValueError):
            pass
        try:  # one by one
            found = self.rule(*map(_Careful, operands), _Careful(out))
        except (ArithmeticError, ValueError, TypeError):
            return (UNDEFINED,) * self.arity
        locals_ = [local.thing if isinstance(local, _Careful) else local for local in found]
        return tuple(UNDEFINED if local is None else local for local in locals_)

    def undefined_derivative(self, index: int, numbers: Sequence[float], labels: Iterable[str]) -> str:
        """Return the sentence that says that the derivative with respect to one operand does not exist."""
        reason = self._needs()
        try:
            self.rule(*numbers, self.value(*numbers))
        except OverflowError:
            reason = TOO_LARGE
        except (ArithmeticError, ValueError):
            pass
        return self._trouble(f"has no derivative with respect to {self.operands[index]}", numbers, labels, reason)

    def not_finite(self, out: float, numbers: Sequence[float], labels: Iterable[str]) -> str:
        """Return the sentence, without its end, that says that the value is not finite."""
        is_too_large = math.isinf(out) and all(map(math.isfinite, numbers))
        return self._trouble(f"is {out!r}", numbers, labels, LIMIT if is_too_large else "")

    def _needs(self) -> str:
        """Return the end of a sentence: where the operation is defined, and the remedy."""
        return (f": it needs {self.domain}" if self.domain else "") + f".{' ' + self.hint if self.hint else ''}"

    def bind(self, **parameters: float) -> Operation:
        """Return the operation with other parameters, such as ``leaky_relu.bind(slope=0.2)``.

        Raises:
            TypeError: the operation has no such parameter, or the parameter is not a real number.
        """
        for name in parameters:
            if name not in self.parameters:
                known = ", ".join(self.parameters) or "none"
                raise TypeError(f"{self.name} has no parameter {name!r}; its parameters: {known}")
        chosen = {**self.parameters, **{n: as_float(p, n) for n, p in parameters.items()}}
        return _bound(self.general, tuple(chosen.items()), repr(chosen))

    def written(self, *operands: str) -> str:
        """Return the written form with these operands, such as ``tanh(x)``.

        >>> from engine import mul
        >>> mul.written("a", "b")
        'a * b'
        """
        return self.text.format(*(operands or self.operands), **_shown(self.parameters))

    def written_in_latex(self, *operands: str) -> str:
        r"""Return the LaTeX form with these operands.

        >>> from engine import div
        >>> print(div.written_in_latex("a", "b"))
        \frac{a}{b}
        """
        return self.latex.format(*(operands or self.operands), **_shown(self.parameters))

    def _trouble(self, trouble: str, numbers: Sequence[float], labels: Iterable[str], reason: str) -> str:
        places = ", ".join(
            f"{name} = {number!r}" + (f" (labelled {label!r})" if label else "")
            for name, number, label in zip(self.operands, numbers, [*labels] or [""] * self.arity, strict=True)
        )
        return f"{self.written()} {trouble} at {places}{reason}"

    def __repr__(self) -> str:
        return f"<operation {self.symbol}>"

    def __reduce__(self) -> str | tuple[Any, ...]:
        return (look_up, (self.name, dict(self.parameters))) if self.operands else self.name


def _shown(parameters: Mapping[str, float]) -> dict[str, str]:
    return {name: format_exact(number) for name, number in parameters.items()}


@lru_cache(maxsize=1024)
def _bound(general: Operation, parameters: tuple[tuple[str, float], ...], written: str) -> Operation:
    """Return an operation with other parameters; as they are written, 0.0 and -0.0 differ."""
    chosen = dict(parameters)
    if written == repr({**general.parameters}):
        return general

    def bound(function: Any) -> Any:
        return partial(function.func, **chosen) if function else None

    value, rule, kink = map(bound, (general.value, general.rule, general.kink))
    changed = {"parameters": MappingProxyType(chosen), "value": value, "rule": rule, "kink": kink, "origin": general}
    return type(general)(**{**general.__dict__, "symbol": general.form.format(**_shown(chosen)), **changed})


# The two operations without operands: a number that the user gave, and a plain number in an expression.
leaf = Operation(name="leaf", arity=0, symbol="leaf")
constant = Operation(name="constant", arity=0, symbol="constant")


def look_up(name: str, parameters: Mapping[str, float] | None = None) -> Operation:
    """Return the operation of this name in the table, with these parameters.

    Raises:
        OperationError: the table has no such operation.

    >>> look_up("leaky_relu", {"slope": 0.2})(-1.0)
    -0.2
    """
    if name not in TABLE:
        raise OperationError(f"there is no operation {name!r}; register it first if it is your own")
    return TABLE[name].bind(**(parameters or {}))


def as_float(number: Any, where: str) -> float:
    """Return a real number as a float.

    Raises:
        TypeError: it is not a real number; the message names ``where`` it was met.
    """
    if number.__class__ is float:
        return number
    if isinstance(number, Real):
        try:
            return float(number)
        except OverflowError:
            raise DomainError(
                f"{where}: the number is too large for 64 bits; the largest is {float_info.max:.2g}"
            ) from None
    text = repr(number)
    given = f"{type(number).__name__} {text if len(text) <= 40 else text[:37] + '...'}"
    raise TypeError(f"{where}: expected a real number, got {given}; {_remedy(number)}")


def _remedy(number: object) -> str:
    if isinstance(number, str | bytes):
        return "convert it first, for instance float('1.5')"
    if isinstance(number, complex):
        return "complex numbers are not supported; pass .real or .imag"
    if hasattr(number, "item"):
        return "take one number out of an array or tensor with .item()"
    if isinstance(number, Iterable):
        return "pass the numbers one by one"
    return "pass an int or a float"


def _operator(name: str) -> tuple[Callable[[Any, Any], Any], Callable[[Any, Any], Any]]:
    """Return an operator's method and its reflected one, which apply the operation of this name."""
    return lambda x, y: TABLE[name](x, y), lambda x, y: TABLE[name](y, x)


class Operators:
    """The operators of Python for a class that knows how to apply an operation, by ``__apply__``."""

    __slots__ = ()

    __add__, __radd__ = _operator("add")
    __sub__, __rsub__ = _operator("sub")
    __mul__, __rmul__ = _operator("mul")
    __truediv__, __rtruediv__ = _operator("div")
    __pow__, __rpow__ = _operator("pow")
    __mod__, __rmod__ = _operator("mod")

    def __neg__(self) -> Any:
        itself: Any = self
        return TABLE["neg"](itself)


class _Careful(Operators):
    """A number or Value to read a rule with where not all local derivatives exist.

    What has no value is missing (``thing`` is None), and so is all that is computed from it.
    """

    __slots__ = ("thing",)

    def __init__(self, thing: Any) -> None:
        self.thing = thing

    @staticmethod
    def __apply__(operation: Operation, operands: tuple[Any, ...]) -> _Careful:
        things = [operand.thing if isinstance(operand, _Careful) else operand for operand in operands]
        if operation.name == "where" and things[0] is not None:
            things = [1.0, *[things[1] if things[0] > 0.0 else things[2]] * 2]  # what is not chosen may be missing
        if any(thing is None for thing in things):
            return _Careful(None)
        try:
            return _Careful(operation(*things))
        except (ArithmeticError, ValueError):
            return _Careful(None)

    def __float__(self) -> float:
        if self.thing is None:
            raise UndefinedDerivativeError("a derivative that does not exist was needed")
        return float(self.thing)

    def __eq__(self, other: object) -> bool:
        raise TypeError("a rule that branches in Python is not read carefully")


def op(
    name: str,
    value: Callable[..., float],
    rule: Callable[..., tuple[Any, ...]],
    *,
    samples: Iterable[tuple[float, ...]] = (),
    parameters: Mapping[str, float] | None = None,
    symbol: str = "",
    kind: type[Operation] = Operation,
    **details: Any,
) -> Operation:
    """Write an entry of the table.

    Args:
        name: a new name, a Python identifier.
        value: function of the operands, floats, that returns the value, a float.
        rule: function of the operands and ``out``, the value, that returns a tuple with the local
            derivative with respect to each operand, written in operators and functions of the table. One that is
            0.0 whatever the operands are is an edge that is flat everywhere, as `FLAT` is.
        samples: operands at which the entry is tried out, when it is entered and in the tests; without
            any, those of a few usual numbers that lie in the domain.
        parameters: constants that ``value`` and ``rule`` take by name, with their defaults.
        symbol: the short form on a drawing; the name without one.
        kind: a class derived from `Operation`.
        details: text, latex, precedence, domain, hint, kink, convention, role and range; see `Operation`.

    Returns:
        The operation, callable on numbers and Values.

    Raises:
        OperationError: the name is not an identifier, or a text is not one that can be shown (see `engine.template`);
            the rule does not take the operands and ``out``, or there
            is no value at the samples.
        TypeError: a detail is unknown.
    """
    check_name(name)
    unknown = [detail for detail in details if detail not in DETAILS]
    if unknown:
        raise TypeError(f"an operation has no {unknown[0]!r}; it has {', '.join(DETAILS)}")
    defaults = {key: as_float(number, key) for key, number in (parameters or {}).items()}
    *operands, out = [name for name in parameter_names(rule) if name not in defaults] or [""]
    if not operands:
        raise OperationError(f"{name}: the rule must take the operands and then out, its own result, not ({out})")

    def bound(function: Any) -> Any:
        return partial(function, **defaults) if function and defaults else function

    rule = _with_flat_edges(rule, len(operands), defaults)
    places = ", ".join(f"{{{i}}}" for i in range(len(operands)))
    escaped = name.replace("_", r"\_")
    written = {
        "symbol": name,
        "text": f"{name}({places})",
        "latex": rf"\operatorname{{{{{escaped}}}}}\left({places}\right)",
        **({"symbol": symbol} if symbol != "" else {}),
        **details,
    }
    check_texts(name, written, len(operands), defaults)
    return kind(
        name=name,
        arity=len(operands),
        operands=tuple(operands),
        value=bound(value),
        rule=bound(rule),
        parameters=MappingProxyType(defaults),
        form=written["symbol"],
        samples=_samples_of(name, bound(value), len(operands), tuple(samples)),
        **{**written, "symbol": written["symbol"].format(**_shown(defaults)), "kink": bound(details.get("kink"))},
    )


def _with_flat_edges(rule: Any, arity: int, parameters: Mapping[str, float]) -> Callable[..., tuple[Any, ...]]:
    """Return the rule with `FLAT` for each local derivative that is 0.0 whatever the operands are."""
    try:
        found = rule(*[_Careful(None)] * (arity + 1), **parameters)
        flat = [place for place, local in enumerate(found) if isinstance(local, Real) and local == 0.0]
    except Exception:  # a rule may do anything with its operands
        flat = []
    if all(found[place] is FLAT for place in flat):
        return rule  # type: ignore[no-any-return]

    def with_flat_edges(*operands: Any, **given: float) -> tuple[Any, ...]:
        return tuple(FLAT if place in flat else local for place, local in enumerate(rule(*operands, **given)))

    return with_flat_edges


def enter(entry: Operation) -> Operation:
    """Try an entry's rule out at its samples, and put the entry into the table.

    Raises:
        OperationError: the name is taken, or the rule gives the wrong number of local derivatives.
    """
    if entry.name in TABLE:
        raise OperationError(f"there is already an operation {entry.name!r}; choose another name")
    for sample in entry.samples:
        try:
            locals_ = entry.rule(*sample, entry.value(*sample))
        except (ArithmeticError, ValueError):
            raise OperationError(f"{entry.name} cannot be differentiated at its own sample {sample}") from None
        if not isinstance(locals_, tuple) or len(locals_) != entry.arity:
            raise OperationError(
                f"{entry.name} takes {counted(entry.arity, 'operand')} ({', '.join(entry.operands)}), so its "
                f"rule must return a tuple of {counted(entry.arity, 'local derivative')}; it returned {locals_!r}"
            )
    TABLE[entry.name] = entry
    return entry


def parameter_names(function: Callable[..., Any]) -> list[str]:
    """Return the names of the parameters that a function takes by position, without a ``*rest``."""
    code = getattr(function, "__code__", None)
    if code is not None:
        return list(code.co_varnames[: code.co_argcount])
    from inspect import signature  # takes milliseconds to import, and is hardly ever needed

    return [p.name for p in signature(function).parameters.values() if p.kind < p.VAR_POSITIONAL]


def _samples_of(
    name: str, value: Callable[..., float], arity: int, given: tuple[tuple[float, ...], ...]
) -> tuple[tuple[float, ...], ...]:
    """Return the samples at which an entry is tried out: those given, or the usual ones in its domain."""
    usual = tuple(tuple(x + 0.25 * place for place in range(arity)) for x in USUAL_SAMPLES)
    working = []
    for sample in given or usual:
        try:
            value(*sample)
        except (ArithmeticError, ValueError):
            if given:
                raise OperationError(f"{name} cannot be evaluated at its own sample {sample}") from None
            continue
        working.append(tuple(map(float, sample)))
    if not working:
        raise OperationError(f"{name} has no value at any usual number; give samples=((x,), ...) in its domain")
    return tuple(working)
