"""Numbers of the table's operations that `math` does not have, or not as all programs compute them.

They are written in what programs can be translated from: conditions, arithmetic, functions of `math`, and each other.
"""

import math

MANY = 2.0**53  # from here on, all floats are even whole numbers


def mod(x: float, y: float) -> float:
    """Return x % y as Python does: with the sign of y."""
    rest = math.fmod(x, y)
    if rest == 0.0:
        return math.copysign(0.0, y)
    return rest + y if (rest < 0.0) != (y < 0.0) else rest


def hypot(x: float, y: float) -> float:
    """Return the square root of x * x + y * y; that of whole numbers is exact, and no other overflows on the way."""
    if x != x or y != y:
        return x + y
    larger = max(math.fabs(x), math.fabs(y))
    if 1e-140 < larger < 1e150:
        return math.sqrt(x * x + y * y)
    if larger == 0.0 or larger > 1.7976931348623157e308:
        return larger
    scale = 4.149515568880993e180 if larger < 1.0 else 2.409919865102884e-181  # powers of two
    return math.sqrt((x * scale) * (x * scale) + (y * scale) * (y * scale)) / scale


def sigmoid(x: float) -> float:
    """Return 1 / (1 + exp(-x)), which does not overflow."""
    if x >= 0.0:
        return 1.0 / (1.0 + math.exp(-x))
    small = math.exp(x)
    return small / (1.0 + small)


def softplus(x: float) -> float:
    """Return log(1 + exp(x)), which does not overflow."""
    return max(x, 0.0) + math.log1p(math.exp(-math.fabs(x)))


def clip(x: float, low: float, high: float) -> float:
    """Return x where it lies between two limits, else the nearer limit; ``high`` where ``low`` is above it."""
    if x != x or low != low or high != high:
        return x + low + high
    return high if x > high or low > high else low if x < low else x


def floor(x: float) -> float:
    """Return the largest whole number up to x, with the sign of x where it is 0."""
    return math.copysign(float(math.floor(x)), x) if math.fabs(x) < MANY else x


def ceil(x: float) -> float:
    """Return the smallest whole number from x on, with the sign of x where it is 0."""
    return math.copysign(float(math.ceil(x)), x) if math.fabs(x) < MANY else x


# --- sinc and its derivatives ---
#
# Of every order, without the digits that (cos(x) - sinc(x)) / x loses. With u = pi * x and f(u) = sin(u) / u, the
# derivatives follow from u * f(u) = sin(u), differentiated n times,
#
#     u * f_n(u) + n * f_n-1(u) = sin_n(u)
#
# where u is large against n, and else from the series of f, differentiated term by term.


def folded(x: float) -> float:
    """Return the y between -1/2 and 1/2 whose ``sin(pi * y)`` is ``sin(pi * x)``, so 0 where x is whole."""
    if math.fabs(x) >= MANY:
        return 0.0
    rest = math.fmod(x, 2.0)
    if rest > 1.0:
        rest = rest - 2.0
    if rest < -1.0:
        rest = rest + 2.0
    if rest > 0.5:
        return 1.0 - rest
    if rest < -0.5:
        return -1.0 - rest
    return rest


def sinc(x: float) -> float:
    """Return sin(pi * x) / (pi * x), and 1 at 0."""
    return math.sin(math.pi * folded(x)) / (math.pi * x) if x != 0.0 else 1.0


def sinc_slope(x: float, order: float) -> float:
    """Return the derivative of sinc of an order, which is a whole number from 0 on."""
    if order < 0.0 or math.fmod(order, 1.0) != 0.0:
        return math.log(-1.0)  # raises, in Python and in C
    u = math.pi * x
    if math.fabs(u) <= 1.0 + 0.5 * order:
        return math.pow(math.pi, order) * _near_slope(u, order)
    return math.pow(math.pi, order) * _far_slope(x, u, order)  # also where x is not a number


def _near_slope(u: float, order: float) -> float:
    half = 0.5 * math.fmod(order, 2.0) + 0.5 * order
    sign = 1.0 if math.fmod(half, 2.0) == 0.0 else -1.0
    if math.fmod(order, 2.0) == 0.0:
        return _terms(u * u, 0.0, order, sign)
    return u * _terms(u * u, 1.0, order, sign)


def _terms(square: float, exponent: float, order: float, term: float) -> float:
    """Return the sum of the terms of the series from one on; ``term`` is without the last divisor."""
    if math.fabs(term) < 1e-20:
        return 0.0
    following = -term * square / ((exponent + 1.0) * (exponent + 2.0))
    return term / (exponent + order + 1.0) + _terms(square, exponent + 2.0, order, following)


def _far_slope(x: float, u: float, order: float) -> float:
    if order == 0.0:
        return sinc(x)
    wave = math.sin(math.pi * folded(x)) if math.fmod(order, 2.0) == 0.0 else _cosine(x)
    sign = 1.0 if math.fmod(order, 4.0) < 2.0 else -1.0
    return (sign * wave - order * _far_slope(x, u, order - 1.0)) / u


def _cosine(x: float) -> float:
    """Return cos(pi * x)."""
    rest = math.fabs(math.fmod(x, 2.0))
    wave = math.sin(math.pi * (0.5 - math.fabs(folded(x))))
    return wave if rest <= 0.5 or rest >= 1.5 else -wave
