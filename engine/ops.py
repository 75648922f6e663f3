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

from . import numerics
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
cosh: Operation
sigmoid: Operation
abs: Operation
where: Operation
floor: Operation
sinc: Operation
sinc_slope: Operation
minimum: Operation

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


mod = op(
    "mod", numerics.mod, lambda x, y, out: (1.0, -floor((x - out) / y + 0.5)),
    symbol="%", text="{0} % {1}", latex=r"{0} \bmod {1}", precedence=PRODUCT, domain="y != 0 and a finite x",
    hint="Keep the divisor away from 0.", kink=lambda x, y: x * sinc(x / y),
    convention="where x is a multiple of y, that for the next larger x / y",
    samples=((7.5, 2.0), (-7.5, 2.0), (2.0, -0.75)),
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


def _power_slope(x: Any, exponent: float) -> Any:
    """Return the derivative of a power, in a form that neither overflows nor loses a sign on the way."""
    if exponent == 0.0:
        return FLAT
    if 0.0 < exponent < 1.0:
        return exponent / x ** (1.0 - exponent)
    if math.fabs(exponent) >= numerics.MANY:  # exponent - 1 is odd, and no float
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
    if math.fabs(y) >= numerics.MANY:
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

LN_2, LN_10 = math.log(2.0), math.log(10.0)

exp2 = op(
    "exp2", math.exp2, lambda x, out: (LN_2 * out,), latex="2^{{{0}}}",
    domain="x < 1024, since larger results overflow", hint="Scale the operand.", samples=((0.7,), (-3.0,), (5.0,)),
)  # fmt: skip
log2 = op(
    "log2", math.log2, lambda x, out: (1.0 / LN_2 / x,), latex=r"\log_{{2}}\left({0}\right)",
    domain="x > 0", hint="Keep the operand positive, for instance log2(maximum(x, 1e-12)).",
    samples=((0.7,), (3.0,), (400.0,)),
)  # fmt: skip
log10 = op(
    "log10", math.log10, lambda x, out: (1.0 / LN_10 / x,), latex=r"\log_{{10}}\left({0}\right)",
    domain="x > 0", hint="Keep the operand positive, for instance log10(maximum(x, 1e-12)).",
    samples=((0.7,), (3.0,), (400.0,)),
)  # fmt: skip
logaddexp = op(
    "logaddexp", lambda x, y: x + LN_2 if x == y else max(x, y) + math.log1p(math.exp(-math.fabs(x - y))),
    lambda x, y, out: (sigmoid(x - y), sigmoid(y - x)), latex=r"\ln\left(e^{{{0}}} + e^{{{1}}}\right)",
    samples=((0.7, 2.0), (-3.0, -3.0), (1000.0, 998.0)),
)  # fmt: skip
cbrt = op(
    "cbrt", math.cbrt, lambda x, out: (1.0 / (3.0 * out * out),), latex=r"\sqrt[3]{{{0}}}",
    domain="for its derivative x != 0", hint="Keep the operand away from 0.", samples=((0.7,), (-8.0,), (400.0,)),
)  # fmt: skip


hypot = op(
    "hypot", numerics.hypot, lambda x, y, out: (x / out, y / out),
    latex=r"\sqrt{{\left({0}\right)^2 + \left({1}\right)^2}}",
    domain="for its derivatives x != 0 or y != 0", hint="Keep the operands away from the origin.",
    samples=((3.0, 4.0), (-0.7, 0.2)),
)  # fmt: skip

# --- trigonometry -------------------------------------------------------------------------------------

sin = op("sin", math.sin, lambda x, out: (cos(x),), latex=r"\sin\left({0}\right)", domain="a finite x")
cos = op("cos", math.cos, lambda x, out: (-sin(x),), latex=r"\cos\left({0}\right)", domain="a finite x")
tan = op("tan", math.tan, lambda x, out: (1.0 + out * out,), latex=r"\tan\left({0}\right)", domain="a finite x")

asin = op(
    "asin", math.asin, lambda x, out: (1.0 / (sqrt(1.0 - x) * sqrt(1.0 + x)),), latex=r"\arcsin\left({0}\right)",
    domain="-1 <= x <= 1, and its derivative -1 < x < 1", hint="Keep the operand inside, for instance with clip.",
    samples=((0.7,), (-0.3,), (0.0,)),
)  # fmt: skip
acos = op(
    "acos", math.acos, lambda x, out: (-1.0 / (sqrt(1.0 - x) * sqrt(1.0 + x)),), latex=r"\arccos\left({0}\right)",
    domain="-1 <= x <= 1, and its derivative -1 < x < 1", hint="Keep the operand inside, for instance with clip.",
    samples=((0.7,), (-0.3,), (0.0,)),
)  # fmt: skip
atan = op("atan", math.atan, lambda x, out: (1.0 / hypot(1.0, x) / hypot(1.0, x),), latex=r"\arctan\left({0}\right)")
atan2 = op(
    "atan2", math.atan2,
    lambda y, x, out: (x / hypot(y, x) / hypot(y, x), -y / hypot(y, x) / hypot(y, x)),
    domain="for its derivatives x != 0 or y != 0", hint="Keep the operands away from the origin.",
    samples=((0.7, 2.0), (-0.3, -1.5), (2.0, 0.0)),
)  # fmt: skip
sinh = op(
    "sinh", math.sinh, lambda x, out: (cosh(x),), latex=r"\sinh\left({0}\right)",
    domain="-710.47 <= x <= 710.47, since larger results overflow", hint="Scale the operand.",
    samples=((0.7,), (-3.0,), (1e-4,)),
)  # fmt: skip
cosh = op(
    "cosh", math.cosh, lambda x, out: (sinh(x),), latex=r"\cosh\left({0}\right)",
    domain="-710.47 <= x <= 710.47, since larger results overflow", hint="Scale the operand.",
    samples=((0.7,), (-3.0,), (0.0,)),
)  # fmt: skip
asinh = op(
    "asinh", math.asinh, lambda x, out: (1.0 / hypot(1.0, x),), latex=r"\operatorname{{arsinh}}\left({0}\right)",
    samples=((0.7,), (-3.0,), (400.0,)),
)  # fmt: skip
acosh = op(
    "acosh", math.acosh, lambda x, out: (1.0 / (sqrt(x - 1.0) * sqrt(x + 1.0)),),
    latex=r"\operatorname{{arcosh}}\left({0}\right)", domain="x >= 1, and its derivative x > 1",
    hint="Keep the operand above 1, for instance acosh(maximum(x, 1.001)).", samples=((1.5,), (3.0,), (400.0,)),
)  # fmt: skip
atanh = op(
    "atanh", math.atanh, lambda x, out: (1.0 / ((1.0 - x) * (1.0 + x)),),
    latex=r"\operatorname{{artanh}}\left({0}\right)", domain="-1 < x < 1",
    hint="Keep the operand inside, for instance with clip.", samples=((0.7,), (-0.3,), (0.0,)),
)  # fmt: skip
sinc = op(  # the normalised one, as in NumPy and PyTorch: sin(pi * x) / (pi * x)
    "sinc", numerics.sinc, lambda x, out: (sinc_slope(x, order=1.0),),
    latex=r"\operatorname{{sinc}}\left({0}\right)", domain="a finite x",
    samples=((0.7,), (-3.0,), (0.0,), (1e-3,)),
)  # fmt: skip
sinc_slope = op(
    "sinc_slope", numerics.sinc_slope, lambda x, out, order: (sinc_slope(x, order=order + 1.0),),
    parameters={"order": 1.0}, text="sinc_slope({0}, {order})", domain="a finite x, and an order of 0, 1, 2 ...",
    latex=r"\operatorname{{sinc}}^{{({order})}}\left({0}\right)", samples=((0.7,), (-3.0,), (0.0,), (1e-3,)),
)  # fmt: skip

# --- smooth activations -------------------------------------------------------------------------------


SQRT_2 = math.sqrt(2.0)
DENSITY_0 = 1.0 / math.sqrt(2.0 * math.pi)  # the standard normal density at 0

tanh = op(
    "tanh", math.tanh, lambda x, out: (1.0 - out * out,), latex=r"\tanh\left({0}\right)",
    samples=((0.7,), (-3.0,), (400.0,)), role="activation", range=(-1.0, 1.0),
)  # fmt: skip
sigmoid = op(
    "sigmoid", numerics.sigmoid, lambda x, out: (out * (1.0 - out),), latex=r"\sigma\left({0}\right)",
    samples=((0.7,), (-3.0,), (1000.0,), (-1000.0,)), role="activation", range=(0.0, 1.0),
)  # fmt: skip
softplus = op(  # C. Dugas et al., "Incorporating Second-Order Functional Knowledge" (NIPS 2000)
    "softplus", numerics.softplus,
    lambda x, out: (sigmoid(x),), latex=r"\ln\left(1 + e^{{{0}}}\right)",
    samples=((0.7,), (-3.0,), (1000.0,), (-1000.0,)), role="activation", range=(0.0, math.inf),
)  # fmt: skip
silu = op(  # S. Elfwing et al., https://arxiv.org/abs/1702.03118
    "silu", lambda x: x * numerics.sigmoid(x), lambda x, out: (sigmoid(x) * (1.0 + x * sigmoid(-x)),),
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

softsign = op(  # X. Glorot and Y. Bengio, "Understanding the Difficulty of Training Deep Networks" (AISTATS 2010)
    "softsign", lambda x: x / (1.0 + math.fabs(x)), lambda x, out: (1.0 / (1.0 + abs(x)) / (1.0 + abs(x)),),
    latex=r"\frac{{{0}}}{{1 + \left|{0}\right|}}", samples=((0.7,), (-3.0,), (1000.0,)),
    role="activation", range=(-1.0, 1.0),
)  # fmt: skip


mish = op(  # D. Misra, https://arxiv.org/abs/1908.08681
    "mish", lambda x: x * math.tanh(numerics.softplus(x)),
    lambda x, out: (tanh(softplus(x)) + x * sigmoid(x) * (1.0 - tanh(softplus(x)) * tanh(softplus(x))),),
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
SELU_SCALE, SELU_ALPHA = 1.0507009873554804934193349852946, 1.6732632423543772848170429916717

selu = op(  # G. Klambauer et al., https://arxiv.org/abs/1706.02515
    "selu", lambda x: SELU_SCALE * (SELU_ALPHA * math.expm1(x) if x <= 0.0 else x),
    lambda x, out: (SELU_SCALE * where(x, 1.0, SELU_ALPHA * exp(where(-x, x, 0.0))),),
    kink=lambda x: x, convention="1.758, the slope on the left, at 0",
    samples=((0.7,), (-3.0,), (1000.0,), (-1000.0,)), role="activation", range=(-SELU_SCALE * SELU_ALPHA, math.inf),
)  # fmt: skip
hardtanh = op(
    "hardtanh", lambda x: -1.0 if x < -1.0 else 1.0 if x > 1.0 else x,
    lambda x, out: (where(x + 1.0, where(1.0 - x, 1.0, FLAT), FLAT),),
    kink=lambda x: minimum(x + 1.0, 1.0 - x), convention="0 at -1 and 1",
    samples=((0.7,), (-3.0,), (1000.0,)), role="activation", range=(-1.0, 1.0),
)  # fmt: skip
hardsigmoid = op(
    "hardsigmoid", lambda x: 0.0 if x <= -3.0 else 1.0 if x >= 3.0 else (x + 3.0) / 6.0,
    lambda x, out: (where(x + 3.0, where(3.0 - x, 1.0 / 6.0, FLAT), FLAT),),
    kink=lambda x: minimum(x + 3.0, 3.0 - x), convention="0 at -3 and 3",
    samples=((0.7,), (-5.0,), (1000.0,)), role="activation", range=(0.0, 1.0),
)  # fmt: skip
hardswish = op(  # A. Howard et al., https://arxiv.org/abs/1905.02244
    "hardswish", lambda x: 0.0 if x <= -3.0 else x if x >= 3.0 else x * (x + 3.0) / 6.0,
    lambda x, out: (where(x + 3.0, where(3.0 - x, (2.0 * x + 3.0) / 6.0, 1.0), FLAT),),
    kink=lambda x: minimum(x + 3.0, 3.0 - x), convention="0 at -3 and 1 at 3",
    samples=((0.7,), (-5.0,), (1000.0,)), role="activation", range=(-0.375, math.inf),
)  # fmt: skip


floor = op(
    "floor", numerics.floor, lambda x, out: (FLAT,),
    latex=r"\left\lfloor {0} \right\rfloor", kink=lambda x: x * sinc(x),
    convention="0 everywhere, also at whole numbers, where it jumps", samples=((0.7,), (-3.2,), (400.5,)),
)  # fmt: skip
ceil = op(
    "ceil", numerics.ceil, lambda x, out: (FLAT,),
    latex=r"\left\lceil {0} \right\rceil", kink=lambda x: x * sinc(x),
    convention="0 everywhere, also at whole numbers, where it jumps", samples=((0.7,), (-3.2,), (400.5,)),
)  # fmt: skip


clip = op(
    "clip", numerics.clip,
    lambda x, low, high, out: (
        where(low - x, FLAT, where(x - high, FLAT, 1.0)),
        where(low - x, where(high - low, 1.0, FLAT), FLAT),
        where(x - high, 1.0, where(low - high, 1.0, FLAT)),
    ),
    kink=lambda x, low, high: minimum(x - low, high - x), convention="1 for x at both limits",
    samples=((0.7, 0.0, 1.0), (-3.0, 0.0, 1.0), (3.0, 0.0, 1.0)),
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
