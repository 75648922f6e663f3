"""Programs as C: functions of the table, straight-line code, and an interpreter of instructions.

C does not raise, so a function that is translated reports trouble wherever Python might, as `translation` says; then
the program leaves the answer to Python. In an operation of yours, each result that Python may refuse is
checked where it is computed, also if nothing reads it. The functions of the table read all that they compute, and the
flags of the processor report the rest.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from ... import ops
from ...operation import Operation
from ..functions import value_function
from ..kinds import ROUNDING, Call
from ..lowering import Apply, Instruction, Lowered, Sum
from ..schedule import Run
from ..translation import Functions as Language

RUNTIME = Path(__file__).with_name("runtime.c")

# What Python's functions are called in C, where their values are the same to the last bit: gamma, lgamma and hypot are
# computed otherwise.
IN_C: dict[Any, str] = {
    **{getattr(math, name): name for name in (
        "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "ceil", "copysign", "cos", "cosh", "erf",
        "erfc", "exp", "exp2", "expm1", "fabs", "floor", "fmod", "log", "log10", "log1p", "log2", "pow", "sin", "sinh",
        "sqrt", "tan", "tanh", "trunc",
    )},
    float: "itself", abs: "fabs", operator.abs: "fabs", max: "larger", min: "smaller",
    operator.add: "add", operator.sub: "sub", operator.mul: "mul", operator.truediv: "quotient", operator.neg: "neg",
}  # fmt: skip
HELPERS = """\
static inline double larger(double x, double y) { return y > x ? y : x; }
static inline double smaller(double x, double y) { return y < x ? y : x; }
static inline double add(double x, double y) { return x + y; }
static inline double sub(double x, double y) { return x - y; }
static inline double mul(double x, double y) { return x * y; }
static inline double quotient(double x, double y) { return x / y; }
static inline double neg(double x) { return -x; }
static inline double itself(double x) { return x; }
static __attribute__((noinline)) double trouble(void) { feraiseexcept(FE_INVALID); return NAN; }
/* The sign of what is not a number is not the same in Python. */
static inline double with_sign(double x, double y) { return y == y ? copysign(x, y) : trouble(); }
/* A number that Python computes, too; where it is not finite, Python may have raised. */
static inline double sound(double x) { return isfinite(x) ? x : trouble(); }
/* A whole number: not -0, and exact. */
static inline double whole(double x) { return fabs(x) < 0x1p53 ? x + 0.0 : trouble(); }
/* A whole number or a float: one that both would be. */
static inline double either(double x) { return fabs(x) < 0x1p53 && !(x == 0.0 && signbit(x)) ? x : trouble(); }
"""
# Those whose values for constants the compiler would compute itself, correctly rounded, which Python's are not always.
IN_LIBRARY = sorted({*IN_C.values()} & {*dir(math)} - {"ceil", "copysign", "fabs", "floor", "sqrt", "trunc"})
NEVER_RAISE: set[Any] = {float, abs, math.fabs, operator.abs, max, min}
SUM, PRODUCT, RUN, FIRST = 0, 1, 2, 3  # instructions; from FIRST on those of the table's functions
MAX_TERMS = 64  # of a sum in one statement
MAX_DEPTH = 100  # calls of a function in itself
SEGMENT = "double *v, int64_t n, int64_t from, int64_t to, int index, const int32_t *code, const int32_t *end"


class Functions(Language):
    """The functions of the table in C."""

    language, known, declaration, not_finite = "C", IN_C, "double", ("NAN", "INFINITY")

    @property
    def text(self) -> str:
        """All functions so far."""
        return HELPERS + self._declared + self._defined

    def applied(self, operation: Operation, numbers: Sequence[str], checked: bool | None = None) -> str:
        """Return an operation in C, applied to operands and parameters.

        Squares and reciprocals are rounded correctly, where one of a thousand powers is off by one bit.
        """
        if operation.general is ops.power and numbers[1].strip("()") in ("2.0", "-1.0"):
            return f"(1.0 / {numbers[0]})" if "-" in numbers[1] else f"({numbers[0]} * {numbers[0]})"
        return super().applied(operation, numbers, not is_standard(operation) if checked is None else checked)

    def require(self, operation: Operation) -> None:
        """Require that an operation can be translated."""
        self.applied(operation, ["0.0"] * count_of_arguments(operation))

    def helper(self, name: str, *numbers: str) -> str:
        """Return a call of one of the `HELPERS`."""
        return f"{name}({', '.join(numbers)})"

    def checked(self, function: Any, text: str, numbers: Sequence[str]) -> str:
        """Return a call of a built-in function that reports trouble where Python might raise."""
        if function in NEVER_RAISE:
            return text
        if function is math.copysign:
            return f"with_sign({', '.join(numbers)})"
        return f"(sound({text}) + 0.0)" if function in ROUNDING else f"sound({text})"

    def quotient(self, x: str, y: str, checked: bool) -> str:
        """Return a quotient."""
        return f"sound(({x} / {y}))" if checked else f"({x} / {y})"

    def power(self, x: str, y: str, checked: bool) -> str:
        """Return a power."""
        return f"sound(pow({x}, {y}))" if checked else f"pow({x}, {y})"

    def written(self, name: str, arguments: Sequence[str], body: str, call: Call) -> str:
        """Return a function in C. One that calls itself leaves deep recursion to Python, which has a limit, too."""
        taken = ", ".join(f"double {each}" for each in arguments) or "void"
        if call not in self._recursive:
            return f"static inline double {name}({taken}) {body}\n"
        self._declared += f"static double {name}({taken});\n"
        return (
            f"static double {name}_once({taken}) {body}\n"
            f"static double {name}({taken}) {{ static _Thread_local int depth; "
            f"if (depth == {MAX_DEPTH}) return trouble(); "
            f"depth++; const double out = {name}_once({', '.join(arguments)}); depth--; return out; }}\n"
        )


def literal(number: float) -> str:
    """Return a number in C, exact to the last bit."""
    return Functions.literal(Functions(), number)


def is_standard(operation: Operation) -> bool:
    """Return whether an operation is one of the table that everybody has, instead of registered."""
    return getattr(ops, operation.name, None) is operation.general


def count_of_arguments(operation: Operation) -> int:
    """Return the count of operands and parameters of an operation's function."""
    return operation.arity + len(value_function(operation)[1])


def straight(name: str, lowered: Lowered, functions: Functions) -> str:
    """Return the instructions for one sample as straight-line code, which works on the slots ``s``."""
    body = statements(lowered.before, range(lowered.size), lowered, 1, functions)
    return (
        f"static void {name}(double *s, const int32_t *code, const int32_t *end, int phase) {{\n"
        f"  (void)s; (void)code; (void)end; (void)phase;\n{body}\n}}\n"
    )


def segments(
    name: str, every: Sequence[Sequence[Instruction]], lowered: Lowered, rows: Mapping[int, int], functions: Functions
) -> str:
    """Return the instructions between matrices as straight-line code, for eight samples at a time.

    What a segment computes stands in a local array; what others read is written to a row of the frame.
    """
    text, calls = "", ""
    for number, instructions in enumerate(every):
        made = {instruction.out for instruction in instructions}
        reads = {slot for instruction in instructions for slot in instruction.reads if slot not in lowered.constants}
        place = {slot: i for i, slot in enumerate(sorted(made | reads))}
        lines = [f"  double s[{8 * len(place)}] __attribute__((aligned(64)));"]
        lines += [f"  S8({place[slot]}) = *(V8 *)(v + {rows[slot]} * n);" for slot in sorted(reads - made)]
        lines.append(statements(instructions, place, lowered, 8, functions))
        lines += [f"  *(V8 *)(v + {rows[slot]} * n) = S8({place[slot]});" for slot in sorted(made) if slot in rows]
        text += "\n".join([f"static void {name}_{number}(double *v, int64_t n) {{", *lines, "}", ""])
        calls += f"    if (index == {number}) {name}_{number}(v + i, n);\n"
    loop = f"  (void)code; (void)end;\n  for (int64_t i = from; i < to; i += 8) {{\n{calls}  }}\n"
    return f"{text}static void {name}({SEGMENT}) {{\n{loop}}}\n"


def statements(
    instructions: Iterable[Instruction], place: Mapping[int, int] | Sequence[int], lowered: Lowered, lanes: int,
    functions: Functions,
) -> str:  # fmt: skip
    """Return the statements in C of some instructions, given the place of each slot."""
    return "\n".join(line for each in instructions for line in _statements(each, place, lowered, lanes, functions))


def _statements(
    instruction: Instruction, place: Mapping[int, int] | Sequence[int], lowered: Lowered, lanes: int,
    functions: Functions,
) -> Iterator[str]:  # fmt: skip

    def number(slot: int, form: str) -> str:
        return f"({literal(lowered.constants[slot])})" if slot in lowered.constants else form.format(place[slot])

    every = f"  for (int k = 0; k < {lanes}; k++) s[{place[instruction.out] * lanes} + k] ="
    if isinstance(instruction, Apply):
        numbers = [number(slot, f"s[{{}} * {lanes} + k]") for slot in instruction.arguments]
        yield f"{every} {functions.applied(instruction.operation, numbers)};"
        return
    used = [[slot for slot in pair if slot != lowered.one] for pair in instruction.pairs]
    factors = [[number(slot, f"S{lanes}({{}})") for slot in slots] for slots in used]
    terms = [" * ".join(each or ["1.0"]) for each in factors] or ["0.0"]
    target = f"S{lanes}({place[instruction.out]})"
    for start in range(0, len(terms), MAX_TERMS):
        part = terms[start : start + MAX_TERMS]
        total = " + ".join([target, *part] if start else part)
        yield f"  {target} = {total};" if "S" in total else f"{every} {total};"


def rule(name: str, lowered: Lowered, shared: int, functions: Functions) -> str:
    """Return an optimiser's rule as a function that updates the columns of numbers, gradients and own states.

    Args:
        name: of the function.
        lowered: the rule; its parameters are the rate and the shared states, its inputs a number of each column.
        shared: the count of shared states.
        functions: the functions that it may call.
    """
    fixed = {slot: f"f{slot}" for slot in range(lowered.size)}
    varying = {slot: f"x{slot}" for slot in range(lowered.size)}

    def number(slot: int) -> str:
        if slot in lowered.constants:
            return f"({literal(lowered.constants[slot])})"
        return (varying if lowered.varies[slot] else fixed)[slot]

    def assigned(instruction: Instruction) -> str:
        if isinstance(instruction, Apply):
            value = functions.applied(instruction.operation, [number(slot) for slot in instruction.arguments])
        else:
            used = [[slot for slot in pair if slot != lowered.one] for pair in instruction.pairs]
            value = " + ".join(" * ".join(map(number, each)) or "1.0" for each in used) or "0.0"
        return f"const double {number(instruction.out)} = {value};"

    given = [f"const double f{lowered.parameters + i} = common[{i}];" for i in range(shared + 1)]
    columns = len(lowered.plan.inputs)
    reads = [f"const double x{lowered.inputs + i} = columns[{i} * count + i_];" for i in range(columns)]
    roots = [number(slot) for slot in lowered.roots]
    writes = [
        f"columns[{column} * count + i_] = {root};"
        for column, root in zip((0, *range(2, columns)), roots[shared:], strict=True)
    ]
    after = [f"const double r{i} = {root};" for i, root in enumerate(roots[:shared])]
    after += [f"common[{i + 1}] = r{i};" for i in range(shared)]
    lines = [*given, *map(assigned, lowered.before), "for (int64_t i_ = from; i_ < to; i_++) {"]
    lines += [*reads, *map(assigned, lowered.each), *writes, "}", *after]
    signature = "double *restrict common, double *restrict columns, int64_t count, int64_t from, int64_t to"
    return f"void {name}({signature}) {{\n  " + "\n  ".join(lines) + "\n}\n"


def interpreter(name: str, operations: Sequence[Operation], functions: Functions) -> str:
    """Return a unit that runs lists of instructions of these operations for one sample, on the slots ``s``."""
    cases = []
    for code, operation in enumerate(operations, FIRST):
        taken = count_of_arguments(operation)
        called = functions.applied(operation, [f"s[code[{i + 2}]]" for i in range(taken)])
        cases.append(f"    case {code}: s[code[1]] = {called}; code += {taken + 2}; break;\n")
    return f"""\
static void {name}(double *s, const int32_t *code, const int32_t *end, int phase) {{
  (void)phase;
  while (code < end) switch (*code) {{
    case {SUM}: {{
      double sum = s[code[3]] * s[code[4]];
      const int32_t *last = code + 3 + 2 * code[2], *out = code + 1;
      for (code += 5; code < last; code += 2) sum += s[code[0]] * s[code[1]];
      s[*out] = sum; break; }}
    case {PRODUCT}: s[code[1]] = s[code[2]] * s[code[3]]; code += 4; break;
    case {RUN}: code = run(s, code); break;
{"".join(cases)}  }}
}}
"""


def samples_interpreter(name: str, operations: Sequence[Operation], functions: Functions) -> str:
    """Return a unit that runs lists of instructions of these operations for many samples, on the rows of ``v``."""
    each = "for (int64_t k = from; k < to; k++)"
    cases = []
    for code, operation in enumerate(operations, FIRST):
        taken = count_of_arguments(operation)
        starts = "".join(f"const double *x{i} = v + code[{i + 2}] * n; " for i in range(taken))
        called = functions.applied(operation, [f"x{i}[k]" for i in range(taken)])
        cases.append(
            f"    case {code}: {{ {starts}double *out = v + code[1] * n;\n"
            f"      {each} out[k] = {called};\n      code += {taken + 2}; break; }}\n"
        )
    return f"""\
static void {name}({SEGMENT}) {{
  (void)index;
  while (code < end) switch (*code) {{
    case {SUM}: {{
      double *out = v + code[1] * n;
      const int32_t *first = code + 3, *last = first + 2 * code[2];
      for (int64_t k = from; k < to; k += 8) {{
        V8 sum = AT(first[0]) * AT(first[1]);
        for (const int32_t *pair = first + 2; pair < last; pair += 2) sum += AT(pair[0]) * AT(pair[1]);
        *(V8 *)(out + k) = sum;
      }}
      code = last; break; }}
    case {PRODUCT}: {{
      const double *a = v + code[2] * n, *b = v + code[3] * n;
      double *out = v + code[1] * n;
      {each} out[k] = a[k] * b[k];
      code += 4; break; }}
{"".join(cases)}  }}
}}
"""


def encoded(instructions: Iterable[Instruction | Run], codes: Mapping[Any, int], zero: int) -> Iterator[int]:
    """Yield the numbers that the interpreter reads for instructions, given a slot whose number is 0."""
    for instruction in instructions:
        if isinstance(instruction, Run):
            yield from (RUN, instruction.first.out, len(instruction.first.pairs), instruction.size)
            yield from (instruction.left, instruction.right)
            yield from chain.from_iterable(instruction.first.pairs)
        elif isinstance(instruction, Sum):
            pairs = instruction.pairs or [(zero, zero)]
            if len(pairs) == 1:
                yield from (PRODUCT, instruction.out, *pairs[0])
            else:
                yield from (SUM, instruction.out, len(pairs))
                yield from chain.from_iterable(pairs)
        else:
            yield from (codes[instruction.operation.general], instruction.out, *instruction.arguments)
