r"""The table of operations: the calculus stands here, once.

An entry gives an operation's value, its **local derivatives**, how it is written and where it is
tried out. The rule of local derivatives is an ordinary function of the operands and of ``out``, the
operation's own result; it is written only in operators and in functions of this table. So the same
rule can be read with floats (a number comes out), with Values (a graph comes out, which can be
differentiated again) and with symbols (a text comes out). Where an operation does not depend on an
operand at all, the derivative is `FLAT`: that of ``sign``, and of what ``where``, ``relu`` and
``maximum`` do not choose; see `engine.slope`.

To add an operation, add an entry; a program of yours does the same with `engine.register`.

The formulas are those of M. Abramowitz and I. A. Stegun, *Handbook of Mathematical Functions* (1964),
chapters 3, 4 and 7, https://personal.math.ubc.ca/~cbm/aands/, unless an entry names another source.
"""

import math
import operator
from numbers import Real
from typing import Any

from .extremum import Extremum
from .operation import POWER, PRODUCT, SIGN, SUM, Operation, enter, op
from .operation import TABLE as TABLE  # which is filled here
from .slope import FLAT

# Rules may use operations that are entered further down.
pow: Operation
base_slope: Operation
exponent_slope: Operation
log: Operation
cos: Operation
abs: Operation
where: Operation

# --- arithmetic ---------------------------------------------------------------------------------------

add = op(
    "add", operator.add, lambda x, y, out: (1.0, 1.0),
    symbol="+", text="{0} + {1}", latex="{0} + {1}", precedence=SUM, samples=((2.0, -3.5), (1e8, 1e-8)), role="linear",
)  # fmt: skip
sub = op(
    "sub", operator.sub, lambda x, y, out: (1.0, -1.0),
    symbol="-", text="{0} - {1}", latex="{0} - {1}", precedence=SUM, samples=((2.0, -3.5), (0.25, 0.75)), role="linear",
)  # fmt: skip
mul = op(
    "mul", operator.mul, lambda x, y, out: (y, x),
    symbol="*", text="{0} * {1}", latex=r"{0} \cdot {1}", precedence=PRODUCT, samples=((2.0, -3.5), (0.0, 4.0)),
    role="linear",
)  # fmt: skip
div = op(
    "div", operator.truediv, lambda x, y, out: (1.0 / y, -out / y),
    symbol="/", text="{0} / {1}", latex=r"\frac{{{0}}}{{{1}}}", precedence=PRODUCT,
    domain="y != 0", hint="Keep the denominator away from 0, for instance x / (y + 1e-12) for y >= 0.",
    samples=((2.0, -3.5), (0.0, 0.3)),
)  # fmt: skip
neg = op(
    "neg", operator.neg, lambda x, out: (-1.0,),
    symbol="-", text="-{0}", latex="-{0}", precedence=SIGN, samples=((2.0,), (-0.4,)), role="linear",
)  # fmt: skip


class _Pow(Operation):
    """`pow`: an exponent that is a plain number makes it `power`, which allows negative bases."""

    def __call__(self, *operands: Any, **parameters: float) -> Any:
        if len(operands) == 2 and hasattr(operands[0], "__apply__") and isinstance(operands[1], Real):
            return power(operands[0], exponent=float(operands[1]))
        return super().__call__(*operands, **parameters)


MANY = 2.0**53  # from here on, all floats are even whole numbers


def _power_slope(x: Any, exponent: float) -> Any:
    """Return the derivative of a power, in a form that neither overflows nor loses a sign on the way."""
    if exponent == 0.0:
        return FLAT
    if 0.0 < exponent < 1.0:
        return exponent / x ** (1.0 - exponent)
    if math.fabs(exponent) >= MANY:  # exponent - 1 is odd, and no float
        return exponent * (x * abs(x) ** (exponent - 2.0))
    return exponent * x ** (exponent - 1.0)


def _power(x: float, exponent: float) -> float:
    """Return x ** exponent; squares and reciprocals that are not too large are products and quotients, as in C."""
    if exponent == 2.0 and math.fabs(x) <= 1.3407807929942596e154:
        return x * x
    if exponent == -1.0 and math.fabs(x) > 5.6e-309:
        return 1.0 / x
    return math.pow(x, exponent)


power = op(
    "power", _power, lambda x, out, exponent: (_power_slope(x, exponent),),
    parameters={"exponent": 2.0}, symbol="** {exponent}",
    text="{0} ** {exponent}", latex="{{{0}}}^{{{exponent}}}", precedence=POWER,
    domain="x >= 0 unless the exponent is a whole number, and x != 0 where it is negative",
    samples=((0.7,), (-3.0,), (2.5,)),
)  # fmt: skip
pow = op(
    "pow", math.pow, lambda x, y, out: (base_slope(x, y), exponent_slope(x, y)), kind=_Pow,
    symbol="**", text="{0} ** {1}", latex="{{{0}}}^{{{1}}}", precedence=POWER, domain="x > 0",
    hint="If the exponent is a constant, write it as a plain number: x ** 3 allows x <= 0.",
    samples=((0.7, 2.2), (3.0, -1.5), (2.5, 3.0)),
)  # fmt: skip


def _base_slope(x: float, y: float) -> float:
    """Return y * x ** (y - 1), as `_power_slope` does."""
    if y == 0.0:
        return 0.0
    if 0.0 < y < 1.0:
        return y / math.pow(x, 1.0 - y)
    if math.fabs(y) >= MANY:
        return y * (x * math.pow(math.fabs(x), y - 2.0))
    return y * math.pow(x, y - 1.0)


def _exponent_slope(x: float, y: float) -> float:
    """Return x ** y * log(x); at x = 0 its limit, or for y = 0 what PyTorch takes."""
    if x == 0.0 and y >= 0.0:
        return 0.0
    slope = math.log(x)
    power = math.pow(x, y)
    return power * slope if power != 0.0 else 0.0


base_slope = op(
    "base_slope", _base_slope,
    lambda x, y, out: (y * base_slope(x, y - 1.0), pow(x, y - 1.0) + y * exponent_slope(x, y - 1.0)),
    text="{1} * {0} ** ({1} - 1)", latex=r"{1} \cdot {{{0}}}^{{{1} - 1}}", precedence=PRODUCT, domain="x > 0",
    samples=((0.7, 2.2), (3.0, -1.5), (2.5, 3.0), (1.2, 0.4)),
)  # fmt: skip
exponent_slope = op(
    "exponent_slope", _exponent_slope,
    lambda x, y, out: (
        y * exponent_slope(x, y - 1.0) + pow(x, y - 1.0),
        where(abs(x), out * log(where(abs(x), x, 1.0)), 0.0),
    ),
    text="{0} ** {1} * log({0})", latex=r"{{{0}}}^{{{1}}} \ln {0}", precedence=PRODUCT, domain="x > 0",
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
    domain="x <= 709.78, since larger results overflow", hint="Scale the operand.", samples=((0.7,), (-3.0,), (1e-9,)),
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
    hint="Keep the operand positive, for instance sqrt(x + 1e-12) for x >= 0.", samples=((0.7,), (9.0,), (400.0,)),
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


SQRT_2 = math.sqrt(2.0)
DENSITY_0 = 1.0 / math.sqrt(2.0 * math.pi)  # the standard normal density at 0

tanh = op(
    "tanh", math.tanh, lambda x, out: (1.0 - out * out,), latex=r"\tanh\left({0}\right)",
    samples=((0.7,), (-3.0,), (400.0,)), role="activation", range=(-1.0, 1.0),
)  # fmt: skip
sigmoid = op(
    "sigmoid", _sigmoid, lambda x, out: (out * (1.0 - out),), latex=r"\sigma\left({0}\right)",
    samples=((0.7,), (-3.0,), (1000.0,), (-1000.0,)), role="activation", range=(0.0, 1.0),
)  # fmt: skip
softplus = op(  # C. Dugas et al., "Incorporating Second-Order Functional Knowledge" (NIPS 2000)
    "softplus", lambda x: max(x, 0.0) + math.log1p(math.exp(-math.fabs(x))),
    lambda x, out: (sigmoid(x),), latex=r"\ln\left(1 + e^{{{0}}}\right)",
    samples=((0.7,), (-3.0,), (1000.0,), (-1000.0,)), role="activation", range=(0.0, math.inf),
)  # fmt: skip
silu = op(  # S. Elfwing et al., https://arxiv.org/abs/1702.03118
    "silu", lambda x: x * _sigmoid(x), lambda x, out: (sigmoid(x) * (1.0 + x * sigmoid(-x)),),
    samples=((0.7,), (-3.0,), (1000.0,), (-1000.0,)), role="activation",
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
    "gelu", lambda x: 0.5 * x * math.erfc(-x / SQRT_2),
    lambda x, out: (0.5 * erfc(-x / SQRT_2) + x * (DENSITY_0 * exp(-0.5 * x * x)),),
    samples=((0.7,), (-3.0,), (1000.0,), (-1000.0,)), role="activation",
)  # fmt: skip

# --- operations with a kink: on it, the derivative is the one PyTorch takes -------------------------------


def _shares(gap: Any) -> tuple[Any, Any]:
    """Return the local derivatives of a maximum: 1 for the larger operand, 1/2 each at a tie.

    The first operand is the larger one where the gap is above 0.
    """
    return where(gap, 1.0, where(-gap, FLAT, 0.5)), where(gap, FLAT, where(-gap, 1.0, 0.5))


class _Where(Operation):
    """`where`: a condition that is a plain number chooses at once."""

    def __call__(self, *operands: Any, **parameters: float) -> Any:
        if operands[0].__class__ is float and len(operands) == 3:
            return operands[1] if operands[0] > 0.0 else operands[2]
        return super().__call__(*operands, **parameters)


where = op(
    "where", lambda condition, x, y: x if condition > 0.0 else y,
    lambda condition, x, y, out: (FLAT, where(condition, 1.0, FLAT), where(condition, FLAT, 1.0)),
    text="where({0} > 0, {1}, {2})", latex=r"\left({1} \text{{ if }} {0} > 0 \text{{ else }} {2}\right)",
    kink=lambda condition, x, y: condition, convention="y is taken where the condition is 0",
    samples=((1.0, 2.0, 3.0), (-1.0, 2.0, 3.0)), kind=_Where,
)  # fmt: skip
sign = op(
    "sign", lambda x: x if x != x or x == 0.0 else math.copysign(1.0, x),
    lambda x, out: (FLAT,), latex=r"\operatorname{{sign}}\left({0}\right)",
    kink=lambda x: x, convention="0 at 0", samples=((0.7,), (-3.0,)),
)  # fmt: skip
abs = op(
    "abs", operator.abs, lambda x, out: (sign(x),), latex=r"\left|{0}\right|",
    kink=lambda x: x, convention="0 at 0", samples=((0.7,), (-3.0,)),
)  # fmt: skip
relu = op(
    "relu", lambda x: 0.0 if x <= 0.0 else x, lambda x, out: (where(x, 1.0, FLAT),),
    kink=lambda x: x, convention="0 at 0", samples=((0.7,), (-3.0,), (1000.0,), (-1000.0,)),
    role="activation", range=(0.0, math.inf),
)  # fmt: skip
leaky_relu = op(
    "leaky_relu", lambda x, slope: x * slope if x <= 0.0 else x, lambda x, out, slope: (where(x, 1.0, slope),),
    parameters={"slope": 0.01}, text="leaky_relu({0}, {slope})", kink=lambda x, slope: x, convention="the slope at 0",
    samples=((0.7,), (-3.0,), (1000.0,), (-1000.0,)), role="activation",
)  # fmt: skip
elu = op(  # D.-A. Clevert et al., https://arxiv.org/abs/1511.07289
    "elu", lambda x, alpha: alpha * math.expm1(x) if x <= 0.0 else x,
    lambda x, out, alpha: (where(x, 1.0, alpha * exp(where(-x, x, 0.0))),),
    parameters={"alpha": 1.0}, text="elu({0}, {alpha})", kink=lambda x, alpha: x, convention="alpha at 0",
    samples=((0.7,), (-3.0,), (1000.0,), (-1000.0,)), role="activation",
)  # fmt: skip
maximum = op(
    "maximum", lambda x, y: x if x >= y or x != x else y,  # x != x: not-a-number wins, so that it is not hidden
    lambda x, y, out: _shares(x - y), text="maximum({0}, {1})", latex=r"\max\left({0}, {1}\right)",
    kink=lambda x, y: x - y, convention="one half to each operand at a tie", samples=((0.7, -3.0), (1.0, 2.0)),
    kind=Extremum,
)  # fmt: skip
minimum = op(
    "minimum", lambda x, y: x if x <= y or x != x else y, lambda x, y, out: _shares(y - x),
    text="minimum({0}, {1})", latex=r"\min\left({0}, {1}\right)",
    kink=lambda x, y: x - y, convention="one half to each operand at a tie", samples=((0.7, -3.0), (1.0, 2.0)),
    kind=Extremum,
)  # fmt: skip

for _entry in [thing for thing in globals().values() if isinstance(thing, Operation)]:
    enter(_entry)
