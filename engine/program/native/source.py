"""The source of programs in C: a plan as one function that any C compiler takes, with nothing but the C library."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...name import Names
from ...operation import Operation
from ...support.text import printable
from ...value import Value
from ..javascript.functions import Lazy
from ..javascript.functions import Writer as Checked
from ..plan import Plan, derivatives
from ..python.source import Line, Unrolled
from .c import Functions

# What no node may be called: words of C, and what its headers define; functions here begin with an underscore.
RESERVED = """\
    auto backpropagate break case char const continue default do double else enum extern float for goto if
    inline inputs int long main parameters register restrict return short signed sizeof static struct switch
    typedef union unsigned void volatile while loss gradients argc argv printf puts errno NAN INFINITY HUGE_VAL
    isnan isinf isfinite signbit fpclassify stdin stdout stderr NULL EOF add sub mul neg sound whole either
    trouble itself larger smaller quotient with_sign alignas alignof bool complex constexpr false true nullptr
    imaginary linux unix asm typeof gamma j0 j1 jn y0 y1 yn signgam FLAT acos acosh asin asinh atan atan2 atanh
    cbrt ceil copysign cos cosh erf erfc exp exp2 expm1 fabs fdim floor fma fmax fmin fmod frexp hypot ilogb
    ldexp lgamma llrint llround log log10 log1p log2 logb lrint lround modf nan nearbyint nextafter nexttoward
    pow remainder remquo rint round scalbln scalbn sin sinh sqrt tan tanh tgamma trunc drem significand infnan
    finite pow10 exp10 feclearexcept fetestexcept feraiseexcept"""
TAKEN = frozenset(RESERVED.split())
HEAD = "#include <fenv.h>\n#include <math.h>\n#include <stdint.h>\n#include <stdio.h>"


class _Functions(Functions):
    """The functions of the table in C; those of your own alone are checked."""

    def applied(self, operation: Operation, numbers: Sequence[str], checked: bool | None = None) -> str:
        """Return an operation in C."""
        return super().applied(operation, numbers)


class Writer(Checked):
    """Writes the values of operations and the contributions of the chain rule as C."""

    def __init__(self) -> None:
        super().__init__()
        self.functions = _Functions()  # type: ignore[assignment]

    def number(self, number: float) -> str:
        """Return a number as C, in brackets if it has a sign, since ``--`` means something else there."""
        text = self.functions.literal(number)
        return f"({text})" if text.startswith("-") else text

    def _step(self, operation: Operation, position: int) -> str:
        names = {name: f"{{{place}}}" for place, name in enumerate(operation.operands)}
        local = Lazy(self, {**names, "out": "{out}"})(derivatives(operation)[position])
        if local == "1.0":
            return "{d}"
        if local == "FLAT":
            return "0.0"
        # Where nothing arrives, as along what `where` did not choose, a derivative need not exist.
        return f"({{d}} == 0.0 ? 0.0 : ({local.replace('FLAT', '0.0')}) * {{d}})"


def c_source(
    plan: Plan, variables: Mapping[str, Any] | None, head: str, leaves: Sequence[Sequence[Value]], labels: Sequence[str]
) -> str:
    """Return a plan as C that is compiled on its own, as with ``cc program.c -lm``.

    ``backpropagate(inputs, parameters, gradients)`` returns the loss, and ``main`` prints it with the gradients. Where
    an operation has no value, the result is not a number or infinite, as usual in C.

    Args:
        plan: what to compute; without `Dot`.
        variables: names for nodes.
        head: a comment for the first line.
        leaves: the inputs and the parameters, whose numbers of now are printed with.
        labels: the names of the leaves of the gradients, to print.

    Raises:
        OperationError: an operation cannot be translated.
    """
    writer, names = Writer(), Names(plan.order, variables).identifiers(set(TAKEN))
    lines = Unrolled(plan, names, writer)
    forward, backward = list(lines.forward()), list(lines.backward())
    grown = {line.target for line in backward if line.sign != "="}
    gradients = [f"  gradients[{place}] = {name};" for place, name in enumerate(lines.gradients())]
    body = [
        "double backpropagate(const double *inputs, const double *parameters, double *gradients) {",
        "  (void)inputs; (void)parameters; (void)gradients;",
        *(f"  const double {name} = {home};" for name, home in lines.homes().items()),
        "", "  /* forward */", *_statements(forward, set()),
        "", "  /* backward: d_x is the derivative of the loss with respect to x */", *_statements(backward, grown),
        "", *gradients, f"  return {lines.names[plan.root]};", "}",
    ]  # fmt: skip
    tables = [
        f"  const double {name}[] = {{{', '.join(writer.number(leaf.data) for leaf in kind) or '0.0'}}};"
        for name, kind in zip(("inputs", "parameters"), leaves, strict=True)
    ]
    shown = "".join(f"    {_quoted(label)},\n" for label in labels)
    count = len(labels)
    main = [
        "int main(void) {", *tables, f"  static double gradients[{max(count, 1)}];",
        f"  static const char *const names[] = {{\n{shown}    0\n  }};",
        '  printf("loss = %.17g\\n", backpropagate(inputs, parameters, gradients));',
        f"  for (int i = 0; i < {count}; i++) printf(\"d loss / d %s = %.17g\\n\", names[i], gradients[i]);",
        "  return 0;", "}",
    ]  # fmt: skip
    functions = writer.functions.text  # what is used is known now
    parts = [f"/* {_comment(head)} */", HEAD, str(functions).strip(), "\n".join(body), "\n".join(main)]
    return "\n\n".join(parts) + "\n"


def _statements(lines: Sequence[Line], grown: set[str]) -> Iterator[str]:
    for line in lines:
        if line.heading:
            yield f"  /* {_comment(line.heading)} */"
        kind = "" if line.sign != "=" else "double " if line.target in grown else "const double "
        yield f"  {kind}{line.text};" + (f"  /* {_comment(line.comment)} */" if line.comment else "")


def _comment(text: str) -> str:
    """Return a text for a comment, which it cannot end."""
    return " ".join(printable(text).replace("*/", "* /").replace("/*", "/ *").replace("\\", "/").split())


def _quoted(text: str) -> str:
    """Return a text as a string literal of C, escaped byte by byte where it is not plain."""
    safe = "".join(chr(b) if 32 <= b < 127 and chr(b) not in '"\\?' else f"\\{b:03o}" for b in printable(text).encode())
    return json.dumps("") if not safe else f'"{safe}"'
