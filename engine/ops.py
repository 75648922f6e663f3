r"""The table of operations: the calculus stands here, once.

An entry gives an operation's value, its **local derivatives**, how it is written and where it is
tried out. The rule of local derivatives is an ordinary function of the operands and of ``out``, the
operation's own result; it is written only in operators and in functions of this table. So the same
rule can be read with floats (a number comes out), with Values (a graph comes out, which can be
differentiated again) and with symbols (a text comes out).

To add an operation, add an entry; a program of yours does the same with `engine.register`.

The formulas are those of M. Abramowitz and I. A. Stegun, *Handbook of Mathematical Functions* (1964),
chapters 3, 4 and 7, https://personal.math.ubc.ca/~cbm/aands/, unless an entry names another source.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache, partial
from keyword import iskeyword
from numbers import Real
from typing import Any, Protocol, TypeVar, overload

from .errors import DomainError, OperationError, UndefinedDerivativeError

# How strongly a written form binds: an operand that binds less strongly goes into brackets.
SUM, PRODUCT, SIGN, POWER, ATOM = 1, 2, 3, 4, 5

TABLE: dict[str, Operation] = {}


class Operand(Protocol):
    """Describe what an operation accepts besides plain numbers: something that knows how to apply it."""

    @staticmethod
    def __apply__(operation: Operation, operands: tuple[Any, ...]) -> Any: ...


T = TypeVar("T", bound=Operand)


class Operation:
    """Hold one entry of the table: an operation's value, local derivatives and written form.

    It is also the function itself: numbers in, number out; Values in, Value out.

    Attributes:
        name: the name in the table, in programs and as a method of Value.
        arity: the number of operands.
        value: function of ``arity`` floats (and the parameters, by name) that returns a float.
        rule: function of the operands and ``out`` (and the parameters) that returns a tuple with one
            local derivative for each operand.
        operands: the operands' names in ``rule``, such as ``("x", "y")``.
        parameters: constants of the operation that are not operands, such as a slope.
        symbol: the short form on a drawing, such as ``*``.
        text, latex: the written form, with ``{0}``, ``{1}`` in the operands' places.
        precedence: how strongly the written form binds (`SUM` to `ATOM`).
        domain: where the operation is defined, in words; empty when everywhere.
        hint: what helps somebody who left the domain.
        kink: function of the operands that crosses zero where the derivative jumps; None without one.
        convention: what the derivative is taken to be on the kink; empty without one.
        samples: operands at which the entry is tried out.

    >>> tanh(0.5)
    0.46211715726000974
    >>> tanh.rule(0.5, 0.46211715726000974)
    (0.7864477329659274,)
    """

    name: str
    arity: int
    value: Callable[..., float]
    rule: Callable[..., tuple[Any, ...]]
    operands: tuple[str, ...]
    parameters: Mapping[str, float]
    symbol: str
    text: str
    latex: str
    precedence: int
    domain: str
    hint: str
    kink: Callable[..., float] | None
    convention: str
    samples: tuple[tuple[float, ...], ...]
    general: Operation

    def __init__(self, **entry: Any) -> None:
        self.__dict__.update(entry)

    @overload
    def __call__(self, *operands: float, **parameters: float) -> float: ...  # type: ignore[overload-overlap]
    @overload
    def __call__(self, *operands: T | float, **parameters: float) -> T: ...
    def __call__(self, *operands: Any, **parameters: float) -> Any:
        """Apply the operation to plain numbers, or to anything that records or writes it."""
        if parameters:
            return self.bind(**parameters)(*operands)
        if len(operands) != self.arity:
            raise TypeError(f"{self.name} takes {_counted(self.arity, 'operand')}, not {len(operands)}")
        for operand in operands:
            if operand.__class__ is not float:
                break
        else:
            return self.evaluate(operands)
        for operand in operands:
            if hasattr(operand, "__apply__"):
                return operand.__apply__(self, operands)
        return self.evaluate([as_float(operand, self.name) for operand in operands])

    def evaluate(self, numbers: Sequence[float], labels: Iterable[str] = ()) -> float:
        """Return the value at plain numbers.

        Args:
            numbers: one float for each operand.
            labels: the operands' labels, for the message of an error.

        Raises:
            DomainError: the operation has no value there.
        """
        try:
            return self.value(*numbers)
        except UndefinedDerivativeError:
            raise
        except (ArithmeticError, ValueError):
            raise DomainError(self._trouble("has no value", numbers, labels)) from None

    def local_derivatives(self, numbers: tuple[float, ...], out: float) -> tuple[float, ...]:
        """Return the local derivatives at plain numbers, `UNDEFINED` for each where they do not exist."""
        try:
            return self.rule(*numbers, out)
        except (ArithmeticError, ValueError):
            return (UNDEFINED,) * self.arity

    def undefined_derivative(self, index: int, numbers: Sequence[float], labels: Iterable[str]) -> str:
        """Return the sentence that says that the derivative by one operand does not exist."""
        return self._trouble(f"has no derivative by {self.operands[index]}", numbers, labels)

    def bind(self, **parameters: float) -> Operation:
        """Return the operation with other parameters, such as ``leaky_relu.bind(slope=0.2)``.

        Raises:
            TypeError: the operation has no such parameter, or the parameter is not a real number.
        """
        unknown = [name for name in parameters if name not in self.parameters]
        if unknown:
            known = ", ".join(self.parameters) or "none"
            raise TypeError(f"{self.name} has no parameter {unknown[0]!r}; its parameters: {known}")
        chosen = {**self.parameters, **{n: as_float(p, n) for n, p in parameters.items()}}
        return _bound(self.general, tuple(chosen.items()))

    def written(self, *operands: str) -> str:
        """Return the written form with these operands, such as ``tanh(x)``.

        >>> mul.written("a", "b")
        'a * b'
        """
        return self.text.format(*(operands or self.operands), **self._shown_parameters())

    def written_in_latex(self, *operands: str) -> str:
        r"""Return the LaTeX form with these operands.

        >>> print(div.written_in_latex("a", "b"))
        \frac{a}{b}
        """
        return self.latex.format(*(operands or self.operands), **self._shown_parameters())

    def _shown_parameters(self) -> dict[str, str]:
        return {name: f"{number:.12g}" for name, number in self.parameters.items()}

    def _trouble(self, what: str, numbers: Sequence[float], labels: Iterable[str]) -> str:
        called = [*labels] or [""] * self.arity
        places = ", ".join(
            f"{name} = {number!r}" + (f" (labelled {label!r})" if label else "")
            for name, number, label in zip(self.operands, numbers, called, strict=True)
        )
        needs = f": it needs {self.domain}" if self.domain else ""
        return f"{self.written()} {what} at {places}{needs}.{' ' + self.hint if self.hint else ''}"

    def __repr__(self) -> str:
        return f"<operation {self.symbol}>"

    def __reduce__(self) -> str | tuple[Any, ...]:
        if self is constant:
            return "constant"
        return look_up, (self.name, dict(self.parameters))


@lru_cache(maxsize=1024)
def _bound(general: Operation, parameters: tuple[tuple[str, float], ...]) -> Operation:
    chosen = dict(parameters)
    if chosen == general.parameters:
        return general
    kink = general.__dict__["_kink"]
    bound = type(general)(**general.__dict__)
    bound.parameters = chosen
    bound.value = partial(general.__dict__["_value"], **chosen)
    bound.rule = partial(general.__dict__["_rule"], **chosen)
    bound.kink = partial(kink, **chosen) if kink else None
    bound.symbol = general.__dict__["_symbol"].format(**bound._shown_parameters())
    return bound


def look_up(name: str, parameters: Mapping[str, float] | None = None) -> Operation:
    """Return the operation of this name in the table, with these parameters.

    Raises:
        OperationError: the table has no such operation.

    >>> look_up("leaky_relu", {"slope": 0.2})(-1.0)
    -0.2
    """
    if name not in TABLE:
        raise OperationError(f"there is no operation {name!r}; if it is one of yours, register it first")
    return TABLE[name].bind(**(parameters or {}))


def as_float(number: Any, where: str) -> float:
    """Return a real number as a float.

    Raises:
        TypeError: it is not a real number; the message names ``where`` it was met.
    """
    if number.__class__ is float:
        return number
    if isinstance(number, Real):
        return float(number)
    kind = type(number).__name__
    raise TypeError(f"{where}: expected a real number, got {kind} {_short(number)}; {_remedy(number)}")


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


def _short(thing: object) -> str:
    text = repr(thing)
    return text if len(text) <= 40 else text[:37] + "..."


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


class _Undefined(float):
    """Be the number that no derivative is: using it as one is an error."""

    __slots__ = ()

    def _refuse(self, other: object) -> float:
        raise UndefinedDerivativeError("a derivative that does not exist was needed")

    __mul__ = __rmul__ = __add__ = __radd__ = __sub__ = __rsub__ = __truediv__ = __rtruediv__ = _refuse

    def __repr__(self) -> str:
        return "undefined"

    def __reduce__(self) -> str:
        return "UNDEFINED"


UNDEFINED = _Undefined("nan")


def op(
    name: str,
    value: Callable[..., float],
    rule: Callable[..., tuple[Any, ...]],
    *,
    samples: Iterable[tuple[float, ...]] = (),
    parameters: Mapping[str, float] | None = None,
    symbol: str = "",
    text: str = "",
    latex: str = "",
    precedence: int = ATOM,
    domain: str = "",
    hint: str = "",
    kink: Callable[..., float] | None = None,
    convention: str = "",
    kind: type[Operation] = Operation,
) -> Operation:
    """Write an entry of the table.

    Args:
        name: a new name, a Python identifier.
        value: function of the operands, floats, that returns the value, a float.
        rule: function of the operands and ``out``, the value, that returns a tuple with the local
            derivative by each operand, written in operators and functions of the table.
        samples: operands at which the entry is tried out, when it is entered and in the tests; without
            any, a few usual numbers of which at least one must lie in the domain.
        parameters: constants that ``value`` and ``rule`` take by name, with their defaults.
        symbol, text, latex, precedence, domain, hint, kink, convention: see `Operation`.

    Returns:
        The operation, callable on numbers and Values.

    Raises:
        OperationError: the name is no identifier, or the rule does not take the operands and ``out``.
    """
    if not name.isidentifier() or iskeyword(name):
        raise OperationError(f"{name!r} cannot name an operation: it is no Python identifier")
    defaults = {key: as_float(number, key) for key, number in (parameters or {}).items()}
    operands = _operand_names(name, rule, defaults)
    general = kind(
        name=name,
        arity=len(operands),
        value=partial(value, **defaults) if defaults else value,
        rule=partial(rule, **defaults) if defaults else rule,
        operands=operands,
        parameters=defaults,
        symbol="",
        text=text or f"{name}({', '.join(f'{{{i}}}' for i in range(len(operands)))})",
        latex=latex or _latex_call(name, len(operands)),
        precedence=precedence,
        domain=domain,
        hint=hint,
        kink=partial(kink, **defaults) if kink and defaults else kink,
        convention=convention,
        samples=tuple(samples),
        _value=value,
        _rule=rule,
        _kink=kink,
        _symbol=symbol or name,
    )
    general.symbol = (symbol or name).format(**general._shown_parameters())
    general.general = general
    return general


def enter(entry: Operation) -> Operation:
    """Try an entry out at its samples and put it into the table.

    Raises:
        OperationError: the name is taken, the rule gives the wrong number of local derivatives, or the
            entry has no value at its samples.
    """
    if entry.name in TABLE:
        raise OperationError(f"there is already an operation {entry.name!r}; choose another name")
    entry.samples = _tried_out(entry)
    TABLE[entry.name] = entry
    return entry


def _operand_names(name: str, rule: Callable[..., Any], parameters: Mapping[str, float]) -> tuple[str, ...]:
    names = [name for name in parameter_names(rule) if name not in parameters]
    if len(names) < 2:
        raise OperationError(f"{name}: the rule takes the operands and then out, its own result; got {names}")
    return tuple(names[:-1])


def parameter_names(function: Callable[..., Any]) -> list[str]:
    """Return the names of the parameters that a function takes by position, without a ``*rest``."""
    code = getattr(function, "__code__", None)
    if code is not None:
        return list(code.co_varnames[: code.co_argcount])
    from inspect import signature  # takes milliseconds to import, and is hardly ever needed

    return [p.name for p in signature(function).parameters.values() if p.kind < p.VAR_POSITIONAL]


def _latex_call(name: str, arity: int) -> str:
    places = ", ".join(f"{{{i}}}" for i in range(arity))
    escaped = name.replace("_", r"\_")
    return rf"\operatorname{{{{{escaped}}}}}\left({places}\right)"


USUAL_SAMPLES = (0.7, -0.3, 1.9, 12.5)


def _tried_out(entry: Operation) -> tuple[tuple[float, ...], ...]:
    """Return the samples at which an entry works, having tried the count of local derivatives there."""
    usual = tuple(tuple(x + 0.25 * place for place in range(entry.arity)) for x in USUAL_SAMPLES)
    working = []
    for sample in entry.samples or usual:
        try:
            out = entry.value(*sample)
            locals_ = entry.rule(*sample, out)
        except (ArithmeticError, ValueError):
            if entry.samples:
                raise OperationError(f"{entry.name} cannot be evaluated at its own sample {sample}") from None
            continue
        if not isinstance(locals_, tuple) or len(locals_) != entry.arity:
            raise OperationError(
                f"{entry.name} takes {_counted(entry.arity, 'operand')} ({', '.join(entry.operands)}), so its "
                f"rule must return a tuple of {_counted(entry.arity, 'local derivative')}; it returned {locals_!r}"
            )
        working.append(tuple(map(float, sample)))
    if not working:
        raise OperationError(f"{entry.name} has no value at any usual number; give samples=((x,), ...) in its domain")
    return tuple(working)


# Rules may use operations that are entered further down.
pow: Operation
exponent_slope: Operation
log: Operation
cos: Operation
where: Operation

# What makes a plain number that stands in an expression a node.
constant = Operation(name="constant", arity=0, operands=(), parameters={}, symbol="constant")

# --- arithmetic ---------------------------------------------------------------------------------------

add = op(
    "add", operator.add, lambda x, y, out: (1.0, 1.0),
    symbol="+", text="{0} + {1}", latex="{0} + {1}", precedence=SUM,
    samples=((2.0, -3.5), (1e8, 1e-8)),
)  # fmt: skip
sub = op(
    "sub", operator.sub, lambda x, y, out: (1.0, -1.0),
    symbol="-", text="{0} - {1}", latex="{0} - {1}", precedence=SUM,
    samples=((2.0, -3.5), (0.25, 0.75)),
)  # fmt: skip
mul = op(
    "mul", operator.mul, lambda x, y, out: (y, x),
    symbol="*", text="{0} * {1}", latex=r"{0} \cdot {1}", precedence=PRODUCT,
    samples=((2.0, -3.5), (0.0, 4.0)),
)  # fmt: skip
div = op(
    "div", operator.truediv, lambda x, y, out: (1.0 / y, -out / y),
    symbol="/", text="{0} / {1}", latex=r"\frac{{{0}}}{{{1}}}", precedence=PRODUCT,
    domain="y != 0", hint="Keep the denominator away from 0, for instance x / (y + 1e-12) for y >= 0.",
    samples=((2.0, -3.5), (0.0, 0.3)),
)  # fmt: skip
neg = op(
    "neg", operator.neg, lambda x, out: (-1.0,),
    symbol="-", text="-{0}", latex="-{0}", precedence=SIGN,
    samples=((2.0,), (-0.4,)),
)  # fmt: skip


class _Pow(Operation):
    """Apply `pow`; an exponent that is a plain number makes it `power`, which allows negative bases."""

    def __call__(self, *operands: Any, **parameters: float) -> Any:
        if len(operands) == 2 and hasattr(operands[0], "__apply__") and isinstance(operands[1], Real):
            return power(operands[0], exponent=float(operands[1]))
        return super().__call__(*operands, **parameters)


power = op(
    "power", lambda x, exponent: math.pow(x, exponent),
    lambda x, out, exponent: (exponent * x ** (exponent - 1.0) if exponent else 0.0,),
    parameters={"exponent": 2.0}, symbol="** {exponent}",
    text="{0} ** {exponent}", latex="{{{0}}}^{{{exponent}}}", precedence=POWER,
    domain="x > 0, or x = 0 with an exponent that is not negative, or a whole number as exponent",
    samples=((0.7,), (-3.0,), (2.5,)),
)  # fmt: skip
pow = op(
    "pow", math.pow, lambda x, y, out: (y * pow(x, y - 1.0), exponent_slope(out, x)), kind=_Pow,
    symbol="**", text="{0} ** {1}", latex="{{{0}}}^{{{1}}}", precedence=POWER,
    domain="x > 0",
    hint="If the exponent is a constant, write it as a plain number: x ** 3 allows x <= 0.",
    samples=((0.7, 2.2), (3.0, -1.5), (2.5, 3.0)),
)  # fmt: skip


def _exponent_slope(power: float, base: float) -> float:
    if base < 0.0:
        return UNDEFINED
    return 0.0 if power == 0.0 else power * math.log(base)


exponent_slope = op(
    "exponent_slope", _exponent_slope, lambda power, base, out: (log(base), power / base),
    text="{0} * log({1})", latex=r"{0} \ln {1}", precedence=PRODUCT,
    domain="base > 0",
    samples=((0.7, 2.2), (3.0, 0.5)),
)  # fmt: skip

# --- exponentials and roots ---------------------------------------------------------------------------

exp = op(
    "exp", math.exp, lambda x, out: (out,), latex="e^{{{0}}}",
    domain="x <= 709.78, since larger results overflow",
    hint="Scale the operand, or use a form that cannot overflow: sigmoid, softplus, tanh, or log_softmax of nn.",
    samples=((0.7,), (-3.0,), (5.0,)),
)  # fmt: skip
expm1 = op(
    "expm1", math.expm1, lambda x, out: (exp(x),), latex=r"\left(e^{{{0}}} - 1\right)",
    domain="x <= 709.78, since larger results overflow", hint="Scale the operand.",
    samples=((0.7,), (-3.0,), (1e-9,)),
)  # fmt: skip
log = op(
    "log", math.log, lambda x, out: (1.0 / x,), latex=r"\ln\left({0}\right)",
    domain="x > 0", hint="Keep the operand positive, for instance log(maximum(x, 1e-12)).",
    samples=((0.7,), (3.0,), (400.0,)),
)  # fmt: skip
log1p = op(
    "log1p", math.log1p, lambda x, out: (1.0 / (1.0 + x),), latex=r"\ln\left(1 + {0}\right)",
    domain="x > -1", hint="Keep the operand above -1, for instance log1p(maximum(x, -0.999)).",
    samples=((0.7,), (-0.5,), (1e-9,)),
)  # fmt: skip
sqrt = op(
    "sqrt", math.sqrt, lambda x, out: (0.5 / out,), latex=r"\sqrt{{{0}}}",
    domain="x >= 0, and its derivative x > 0",
    hint="Keep the operand positive, for instance sqrt(x + 1e-12) for x >= 0.",
    samples=((0.7,), (9.0,), (400.0,)),
)  # fmt: skip

# --- trigonometry -------------------------------------------------------------------------------------

sin = op("sin", math.sin, lambda x, out: (cos(x),), latex=r"\sin\left({0}\right)", domain="a finite x")
cos = op("cos", math.cos, lambda x, out: (-sin(x),), latex=r"\cos\left({0}\right)", domain="a finite x")
tan = op("tan", math.tan, lambda x, out: (1.0 + out * out,), latex=r"\tan\left({0}\right)", domain="a finite x")

# --- smooth activations -------------------------------------------------------------------------------


def _sigmoid(x: float) -> float:
    if x >= 0.0:
        return 1.0 / (1.0 + math.exp(-x))
    small = math.exp(x)
    return small / (1.0 + small)


def _softplus(x: float) -> float:
    return max(x, 0.0) + math.log1p(math.exp(-math.fabs(x)))


def _gelu(x: float) -> float:
    return 0.5 * x * math.erfc(-x / SQRT_2)


SQRT_2 = math.sqrt(2.0)
DENSITY_0 = 1.0 / math.sqrt(2.0 * math.pi)  # the standard normal density at 0

tanh = op(
    "tanh", math.tanh, lambda x, out: (1.0 - out * out,), latex=r"\tanh\left({0}\right)",
    samples=((0.7,), (-3.0,), (400.0,)),
)  # fmt: skip
sigmoid = op(
    "sigmoid", _sigmoid, lambda x, out: (out * (1.0 - out),), latex=r"\sigma\left({0}\right)",
    samples=((0.7,), (-3.0,), (1000.0,), (-1000.0,)),
)  # fmt: skip
softplus = op(  # C. Dugas et al., "Incorporating Second-Order Functional Knowledge" (NIPS 2000)
    "softplus", _softplus, lambda x, out: (sigmoid(x),), latex=r"\ln\left(1 + e^{{{0}}}\right)",
    samples=((0.7,), (-3.0,), (1000.0,), (-1000.0,)),
)  # fmt: skip
silu = op(  # S. Elfwing et al., https://arxiv.org/abs/1702.03118
    "silu", lambda x: x * _sigmoid(x), lambda x, out: (sigmoid(x) * (1.0 + x * (1.0 - sigmoid(x))),),
    samples=((0.7,), (-3.0,), (1000.0,), (-1000.0,)),
)  # fmt: skip
erf = op(
    "erf", math.erf, lambda x, out: (2.0 * SQRT_2 * DENSITY_0 * exp(-(x * x)),),
    samples=((0.7,), (-2.0,), (40.0,)),
)  # fmt: skip
erfc = op(
    "erfc", math.erfc, lambda x, out: (-2.0 * SQRT_2 * DENSITY_0 * exp(-(x * x)),),
    samples=((0.7,), (-2.0,), (40.0,)),
)  # fmt: skip
gelu = op(  # D. Hendrycks and K. Gimpel, https://arxiv.org/abs/1606.08415, the exact form
    "gelu", _gelu, lambda x, out: (0.5 * erfc(-x / SQRT_2) + x * (DENSITY_0 * exp(-0.5 * x * x)),),
    samples=((0.7,), (-3.0,), (1000.0,), (-1000.0,)),
)  # fmt: skip

# --- operations with a kink: on it, the derivative is the one PyTorch takes -------------------------------


def _maximum(x: float, y: float) -> float:
    return x if x >= y or x != x else y  # x != x: not-a-number wins, so that it is not hidden


def _minimum(x: float, y: float) -> float:
    return x if x <= y or x != x else y


def _shares(gap: Any) -> tuple[Any, Any]:
    """Return the local derivatives by two operands of which the first is taken where the gap is above 0."""
    share = where(gap, 1.0, where(-gap, 0.0, 0.5))
    return share, 1.0 - share


def _sign(x: float) -> float:
    return math.copysign(1.0, x) if x else 0.0


class _Where(Operation):
    """Apply `where`; a condition that is a plain number just chooses, at once."""

    def __call__(self, *operands: Any, **parameters: float) -> Any:
        if operands[0].__class__ is float and len(operands) == 3:
            return operands[1] if operands[0] > 0.0 else operands[2]
        return super().__call__(*operands, **parameters)


where = op(
    "where", lambda condition, x, y: x if condition > 0.0 else y,
    lambda condition, x, y, out: (0.0, where(condition, 1.0, 0.0), where(condition, 0.0, 1.0)),
    text="where({0} > 0, {1}, {2})", latex=r"\left({1} \text{{ if }} {0} > 0 \text{{ else }} {2}\right)",
    kink=lambda condition, x, y: condition, convention="y is taken where the condition is 0",
    samples=((1.0, 2.0, 3.0), (-1.0, 2.0, 3.0)), kind=_Where,
)  # fmt: skip
sign = op(
    "sign", _sign, lambda x, out: (0.0,), latex=r"\operatorname{{sign}}\left({0}\right)",
    kink=lambda x: x, convention="0 at 0",
    samples=((0.7,), (-3.0,)),
)  # fmt: skip
abs = op(
    "abs", operator.abs, lambda x, out: (sign(x),), latex=r"\left|{0}\right|",
    kink=lambda x: x, convention="0 at 0",
    samples=((0.7,), (-3.0,)),
)  # fmt: skip
relu = op(
    "relu", lambda x: 0.0 if x <= 0.0 else x, lambda x, out: (where(x, 1.0, 0.0),),
    kink=lambda x: x, convention="0 at 0",
    samples=((0.7,), (-3.0,), (1000.0,), (-1000.0,)),
)  # fmt: skip
leaky_relu = op(
    "leaky_relu", lambda x, slope: x * slope if x <= 0.0 else x, lambda x, out, slope: (where(x, 1.0, slope),),
    parameters={"slope": 0.01}, text="leaky_relu({0}, {slope})",
    kink=lambda x, slope: x, convention="the slope at 0",
    samples=((0.7,), (-3.0,), (1000.0,), (-1000.0,)),
)  # fmt: skip
elu = op(  # D.-A. Clevert et al., https://arxiv.org/abs/1511.07289
    "elu", lambda x, alpha: alpha * math.expm1(x) if x <= 0.0 else x,
    lambda x, out, alpha: (where(x, 1.0, alpha * exp(where(-x, x, 0.0))),),
    parameters={"alpha": 1.0}, text="elu({0}, {alpha})",
    kink=lambda x, alpha: x, convention="alpha at 0",
    samples=((0.7,), (-3.0,), (1000.0,), (-1000.0,)),
)  # fmt: skip
maximum = op(
    "maximum", _maximum, lambda x, y, out: _shares(x - y),
    text="maximum({0}, {1})", latex=r"\max\left({0}, {1}\right)",
    kink=lambda x, y: x - y, convention="one half to each operand at a tie",
    samples=((0.7, -3.0), (1.0, 2.0)),
)  # fmt: skip
minimum = op(
    "minimum", _minimum, lambda x, y, out: _shares(y - x),
    text="minimum({0}, {1})", latex=r"\min\left({0}, {1}\right)",
    kink=lambda x, y: x - y, convention="one half to each operand at a tie",
    samples=((0.7, -3.0), (1.0, 2.0)),
)  # fmt: skip

for _entry in [thing for thing in globals().values() if isinstance(thing, Operation) and thing.arity]:
    enter(_entry)
