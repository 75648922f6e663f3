"""The truth in 50 digits: values and derivatives of the table's operations, written down once more, with mpmath.

A graph is judged part by part, so that a rounding error in one node does not count for the next: each number must be
the operation's value at the operands' recorded numbers, each local gradient its derivative there, and each gradient the
sum over all paths of the products of local gradients.
"""

import math
from fractions import Fraction

import mpmath
from mpmath import mp, mpf

from engine import topological_order
from engine.slope import FLAT, Undefined

mp.dps = 50
LARGEST = mpf(2) ** 1024 * (1 - mpf(2) ** -54)  # from here on, a float is infinite
TINY = mpf(2) ** -1074
EPSILON = mpf(2) ** -52


def clamped(function):
    """Return a function of exponential growth without what is beyond all floats, where mpmath would take for ever."""
    return lambda x: function(min(max(x, mpf(-2000)), mpf(2000)))


exp, expm1, tanh, erf, erfc = map(clamped, (mp.exp, mp.expm1, mp.tanh, mp.erf, mp.erfc))
sech = clamped(mp.sech)


def sigmoid(x):
    return 1 / (1 + exp(-x))


def softplus(x):
    return max(x, mpf(0)) + mp.log1p(exp(-abs(x)))


def density(x):
    return exp(-x * x / 2) / mp.sqrt(2 * mp.pi)


def share(x, operands, best):
    return mpf(operands.count(best)) ** -1 if x == best else mpf(0)


def raised(x, y):
    """Return x ** y for real numbers, or None where it is not one."""
    if x < 0 and y != mp.floor(y):
        return None
    if x == 0:
        return None if y < 0 else mpf(y == 0)
    return mp.power(x, y) if x > 0 else mp.power(-x, y) * (-1 if int(y) % 2 else 1)


def base_slope(x, y):
    if y == 0:
        return mpf(0)
    if x < 0 and y == mp.floor(y):  # y - 1 may have more than 50 digits
        return y * mp.power(-x, y - 1) * (1 if int(y) % 2 else -1)
    power = raised(x, y - 1)
    return None if power is None else y * power


def exponent_slope(x, y):
    if x == 0:
        return mpf(0) if y >= 0 else None  # the limit; at y = 0 a convention
    return raised(x, y) * mp.log(x) if x > 0 else None


def fraction(x):
    sign, mantissa, exponent, _ = x._mpf_
    return (-1) ** sign * Fraction(int(mantissa)) * Fraction(2) ** exponent


def quotient(x, y):
    """Return the whole part of x / y, which may have hundreds of digits."""
    return fraction(x) // fraction(y)


def remainder(x, y):
    rest = fraction(x) % fraction(y)
    return mpf(rest.numerator) / rest.denominator


def sinc_slope(x, order=1):
    """Return a derivative of sinc by its series, or where that is long by u * f(u) = sin(u)."""
    n, u = int(order), mp.pi * x
    if n and abs(u) < 2 * n + 4:
        terms = (
            mp.mpf(-1) ** k * u ** (2 * k - n) / (mp.factorial(2 * k - n) * (2 * k + 1))
            for k in range((n + 1) // 2, 2 * n + 50)
        )
        return mp.pi**n * mp.fsum(terms)
    wave = (mp.cospi(x) if n % 2 else mp.sinpi(x)) * (-1 if n % 4 > 1 else 1)
    return (mp.pi**n * wave - n * mp.pi * sinc_slope(x, n - 1)) / u if n else wave / u if u else mpf(1)


def between(x, low, high):
    """Return whether an operand of clip is what it gives: for x, for low, for high."""
    crossed = low > high
    return int(low <= x <= high), int(x < low < high), int(x > high or crossed)


def root_of(x):
    return mp.sqrt((1 - x) * (1 + x))


def product(*factors):
    return None if None in factors else mp.fprod(factors)


def total(*terms):
    return None if None in terms else mp.fsum(terms)


SELU_SCALE = mpf("1.0507009873554804934193349852946")
SELU_ALPHA = mpf("1.6732632423543772848170429916717")

# Each operation: its value, and its local derivatives; None where there is none.
TRUTH = {
    "add": (lambda x, y: x + y, lambda x, y: (1, 1)),
    "sub": (lambda x, y: x - y, lambda x, y: (1, -1)),
    "mul": (lambda x, y: x * y, lambda x, y: (y, x)),
    "div": (lambda x, y: x / y, lambda x, y: (1 / y, -x / (y * y))),
    "neg": (lambda x: -x, lambda x: (-1,)),
    "power": (lambda x, exponent: raised(x, exponent), lambda x, exponent: (base_slope(x, exponent),)),
    "pow": (raised, lambda x, y: (base_slope(x, y), exponent_slope(x, y))),
    "base_slope": (
        base_slope,
        lambda x, y: (
            product(y, base_slope(x, y - 1)),
            total(raised(x, y - 1), product(y, exponent_slope(x, y - 1))),
        ),
    ),
    "exponent_slope": (
        exponent_slope,
        lambda x, y: (
            total(raised(x, y - 1), product(y, exponent_slope(x, y - 1))),
            mpf(0) if x == 0 else product(exponent_slope(x, y), mp.log(x)) if x > 0 else None,
        ),
    ),
    "exp": (exp, lambda x: (exp(x),)),
    "expm1": (expm1, lambda x: (exp(x),)),
    "log": (mp.log, lambda x: (1 / x,)),
    "log1p": (mp.log1p, lambda x: (1 / (1 + x),)),
    "sqrt": (mp.sqrt, lambda x: (1 / (2 * mp.sqrt(x)) if x else None,)),
    "sin": (mp.sin, lambda x: (mp.cos(x),)),
    "cos": (mp.cos, lambda x: (-mp.sin(x),)),
    "tan": (mp.tan, lambda x: (mp.sec(x) ** 2,)),
    "tanh": (tanh, lambda x: (sech(x) ** 2,)),
    "sigmoid": (sigmoid, lambda x: (sigmoid(x) * sigmoid(-x),)),
    "softplus": (softplus, lambda x: (sigmoid(x),)),
    "silu": (lambda x: x * sigmoid(x), lambda x: (sigmoid(x) * (1 + x * sigmoid(-x)),)),
    "erf": (erf, lambda x: (2 / mp.sqrt(mp.pi) * exp(-x * x),)),
    "erfc": (erfc, lambda x: (-2 / mp.sqrt(mp.pi) * exp(-x * x),)),
    "gelu": (
        lambda x: x * erfc(-x / mp.sqrt(2)) / 2,
        lambda x: (erfc(-x / mp.sqrt(2)) / 2 + x * density(x),),
    ),
    "where": (lambda c, x, y: x if c > 0 else y, lambda c, x, y: (0, int(c > 0), int(c <= 0))),
    "sign": (mp.sign, lambda x: (0,)),
    "abs": (abs, lambda x: (mp.sign(x),)),
    "relu": (lambda x: max(x, mpf(0)), lambda x: (int(x > 0),)),
    "leaky_relu": (
        lambda x, slope: x if x > 0 else x * slope,
        lambda x, slope: (1 if x > 0 else slope,),
    ),
    "elu": (
        lambda x, alpha: x if x > 0 else alpha * expm1(x),
        lambda x, alpha: (1 if x > 0 else alpha * exp(x),),
    ),
    "mod": (remainder, lambda x, y: (1, -quotient(x, y))),
    "exp2": (lambda x: exp(x * mp.log(2)), lambda x: (mp.log(2) * exp(x * mp.log(2)),)),
    "log2": (lambda x: mp.log(x) / mp.log(2), lambda x: (1 / (x * mp.log(2)),)),
    "log10": (mp.log10, lambda x: (1 / (x * mp.log(10)),)),
    "logaddexp": (
        lambda x, y: max(x, y) + mp.log1p(exp(-abs(x - y))),
        lambda x, y: (sigmoid(x - y), sigmoid(y - x)),
    ),
    "cbrt": (
        lambda x: mp.sign(x) * mp.cbrt(abs(x)),
        lambda x: (1 / (3 * mp.cbrt(abs(x)) ** 2) if x else None,),
    ),
    "hypot": (mp.hypot, lambda x, y: (x / mp.hypot(x, y), y / mp.hypot(x, y)) if x or y else (None, None)),
    "asin": (mp.asin, lambda x: (1 / root_of(x) if abs(x) < 1 else None,)),
    "acos": (mp.acos, lambda x: (-1 / root_of(x) if abs(x) < 1 else None,)),
    "atan": (mp.atan, lambda x: (1 / (1 + x * x),)),
    "atan2": (
        mp.atan2,
        lambda y, x: (x / (x * x + y * y), -y / (x * x + y * y)) if x or y else (None, None),
    ),
    "sinh": (clamped(mp.sinh), lambda x: (clamped(mp.cosh)(x),)),
    "cosh": (clamped(mp.cosh), lambda x: (clamped(mp.sinh)(x),)),
    "asinh": (mp.asinh, lambda x: (1 / mp.sqrt(1 + x * x),)),
    "acosh": (mp.acosh, lambda x: (1 / mp.sqrt((x - 1) * (x + 1)) if x > 1 else None,)),
    "atanh": (mp.atanh, lambda x: (1 / ((1 - x) * (1 + x)),)),
    "sinc": (lambda x: sinc_slope(x, 0), lambda x: (sinc_slope(x, 1),)),
    "sinc_slope": (sinc_slope, lambda x, order: (sinc_slope(x, order + 1),)),
    "softsign": (lambda x: x / (1 + abs(x)), lambda x: (1 / (1 + abs(x)) ** 2,)),
    "mish": (
        lambda x: x * tanh(softplus(x)),
        lambda x: (tanh(softplus(x)) + x * sigmoid(x) * sech(softplus(x)) ** 2,),
    ),
    "selu": (
        lambda x: SELU_SCALE * (x if x > 0 else SELU_ALPHA * expm1(x)),
        lambda x: (SELU_SCALE * (1 if x > 0 else SELU_ALPHA * exp(x)),),
    ),
    "hardtanh": (lambda x: max(min(x, mpf(1)), mpf(-1)), lambda x: (int(abs(x) < 1),)),
    "hardsigmoid": (
        lambda x: max(min((x + 3) / 6, mpf(1)), mpf(0)),
        lambda x: (mpf(1) / 6 if abs(x) < 3 else 0,),
    ),
    "hardswish": (
        lambda x: x * max(min((x + 3) / 6, mpf(1)), mpf(0)),
        lambda x: (x / 3 + mpf(0.5) if abs(x) < 3 else int(x > 0),),
    ),
    "floor": (mp.floor, lambda x: (0,)),
    "ceil": (mp.ceil, lambda x: (0,)),
    "clip": (lambda x, low, high: min(max(x, low), high), between),
    "maximum": (lambda *xs: max(xs), lambda *xs: tuple(share(x, xs, max(xs)) for x in xs)),
    "minimum": (lambda *xs: min(xs), lambda *xs: tuple(share(x, xs, min(xs)) for x in xs)),
}
HARD = {"gelu", "sinc", "sinc_slope", "logaddexp"}  # whose values may lose digits near a zero, or far out
ROUGH = {
    "tanh",
    "sigmoid",
    "silu",
    "gelu",
    "mish",
}  # 1 - out * out has no digits left where out is nearly 1, as in PyTorch


def slack_of(node, operands):
    """Return how many roundings may count in an operation's numbers, and how far its slopes may be off in any case."""
    size = max(map(abs, operands))
    if node.op.name in ("gelu", "erf", "erfc"):
        return 16 * (1 + min(size, mpf(1000)) ** 2), EPSILON  # x * x is rounded before the exponential
    if node.op.name in ("power", "pow"):
        return 16 * (1 + abs(mp.log(abs(operands[0]))) if operands[0] else 16), 0  # y - 1 is rounded before the power
    if node.op.name == "hypot":
        return 16 + TINY / EPSILON / max(size, TINY), 0  # tiny numbers have few digits
    if node.op.name in ("sinc", "sinc_slope"):
        return 100, EPSILON * mp.pi ** (node.op.parameters.get("order", 0) + 3)  # near a zero
    if node.op.name == "logaddexp":
        return 16 * (1 + max(map(abs, operands))), EPSILON  # x - y is rounded before the exponential
    if node.op.name == "atan2":
        return 16 + TINY / EPSILON / max(size, TINY), mpf(10) ** -300
    return 16, 4 * EPSILON if node.op.name in ROUGH else 0


def troubles(root):
    """Return what is wrong with a graph, and how many numbers were looked at; what is not finite is left out."""
    wrong, count = [], 0
    order = topological_order(root)
    for node in order:
        numbers = [x.data for x in node.inputs]
        if not node.inputs or not all(map(math.isfinite, [*numbers, *node.op.parameters.values()])):
            continue
        if node.op.name == "atan2" and str(numbers[0]) == "-0.0":
            continue  # mpmath has one zero
        value, derivatives = TRUTH[node.op.name]
        exact = [mpf(x) for x in numbers]
        given = {name: mpf(x) for name, x in node.op.parameters.items()}
        slack, absolute = slack_of(node, exact)
        true, count = value(*exact, **given), count + 1
        is_hard = node.op.name in HARD
        if not is_near(node.data, true, slack if is_hard else 16, absolute if is_hard else 0):
            wrong.append(f"{node.op.name}{numbers} {dict(node.op.parameters)} = {node.data!r}, right is {true}")
        if not math.isfinite(node.data):
            continue
        for place, (found, right) in enumerate(zip(node.local_grads, derivatives(*exact, **given), strict=True)):
            count += 1
            if not is_near(found, None if right is None else mpf(right), slack, absolute) or (found is FLAT and right):
                wrong.append(f"d/d{place} {node.op.name}{numbers} {dict(node.op.parameters)} = {found!r}, not {right}")
    return wrong, count


def is_near(found, true, slack, absolute=0):
    """Return whether a number is the true one but for rounding; undefined is right for None and what is too large."""
    if isinstance(found, Undefined):
        return true is None or abs(true) >= LARGEST
    if true is None or isinstance(true, mpmath.mpc):
        return False
    if math.isinf(found):
        return abs(true) >= LARGEST * (1 - slack * EPSILON) and (found > 0) == (true > 0)
    return abs(mpf(found) - true) <= slack * EPSILON * abs(true) + 4000 * TINY + absolute


def gradients(root, leaves):
    """Return for each leaf the sum over all paths, and that of its terms without signs; None if one is not finite."""
    order = topological_order(root)
    arrived = {root: (mpf(1), mpf(1))}
    for node in reversed(order):
        if node not in arrived:
            continue
        upstream, size = arrived[node]
        for operand, local in zip(node.inputs, node.local_grads, strict=True):
            if local is FLAT:
                continue
            if not math.isfinite(local):
                return None
            before, sizes = arrived.get(operand, (mpf(0), mpf(0)))
            arrived[operand] = before + mpf(local) * upstream, sizes + abs(mpf(local)) * size
    return [arrived.get(leaf, (mpf(0), mpf(0))) for leaf in leaves]
