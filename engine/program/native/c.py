"""Programs as C: functions of the table, straight-line code, and an interpreter of instructions.

C has doubles alone and does not raise, so a function that is translated reports *trouble* wherever Python might raise
or compute something else; the program then leaves the answer to Python. In an operation of yours, each result that
Python may refuse is checked where it is computed, also if nothing reads it. The functions of the table read all that
they compute, and the flags of the processor report the rest.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import reduce
from itertools import chain, count
from pathlib import Path
from types import BuiltinFunctionType
from typing import Any

from ... import ops
from ...errors import OperationError
from ...operation import Operation
from ..functions import Definition, definition, is_built_in, is_of_house, value_function
from ..kinds import FLOAT, REAL, ROUNDING, UNSET, WHOLE, Call, Kind, Kinds, of_operation
from ..lowering import Apply, Instruction, Lowered, Sum
from ..schedule import Run

RUNTIME = Path(__file__).with_name("runtime.c")

# What Python's functions are called in C, where their values are the same to the last bit: gamma, lgamma and hypot are
# computed otherwise.
IN_C: dict[Any, str] = {
    **{getattr(math, name): name for name in (
        "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "ceil", "copysign", "cos", "cosh", "erf", "erfc",
        "exp", "expm1", "fabs", "floor", "fmod", "log", "log10", "log1p", "log2", "pow", "sin", "sinh", "sqrt", "tan",
        "tanh", "trunc",
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
OF_TWO = {"atan2", "copysign", "fmod", "pow", "larger", "smaller", "add", "sub", "mul", "quotient"}
NEVER_RAISE = {"itself", "fabs", "larger", "smaller"}
SIGNS: dict[type, str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/",
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
}  # fmt: skip
SUM, PRODUCT, RUN, FIRST = 0, 1, 2, 3  # instructions; from FIRST on those of the table's functions
MAX_TERMS = 64  # of a sum in one statement
MAX_DEPTH = 100  # calls of a function in itself
SEGMENT = "double *v, int64_t n, int64_t from, int64_t to, int index, const int32_t *code, const int32_t *end"


class Functions:
    """The functions of the table in C, translated as they are used: a text of each after those that it calls."""

    def __init__(self) -> None:
        self._declared, self._defined = "", ""
        self._names: dict[Call, str] = {}
        self._numbers = count()
        self._open: list[Call] = []  # what is being translated
        self._recursive: set[Call] = set()
        self.results: dict[Call, Kind] = {}

    @property
    def text(self) -> str:
        """All functions so far."""
        return HELPERS + self._declared + self._defined

    def applied(self, operation: Operation, numbers: Sequence[str]) -> str:
        """Return an operation in C, applied to operands and parameters.

        Squares and reciprocals are rounded correctly, where one of a thousand powers is off by one bit.
        """
        if operation.general is ops.power and numbers[1].strip("()") in ("2.0", "-1.0"):
            return f"(1.0 / {numbers[0]})" if "-" in numbers[1] else f"({numbers[0]} * {numbers[0]})"
        function, kinds = value_function(operation)[0], of_operation(operation)
        return self.call(function, operation.name, numbers, kinds, not is_standard(operation))

    def require(self, operation: Operation) -> None:
        """Require that an operation can be translated."""
        self.applied(operation, ["0.0"] * count_of_arguments(operation))

    def call(
        self, function: Callable[..., float], name: str, numbers: Sequence[str], kinds: tuple[Kind, ...], checked: bool
    ) -> str:
        """Return a call of a function in C, or raise an OperationError if it cannot be translated.

        Args:
            function: what is called.
            name: what to call it in messages.
            numbers: the arguments in C.
            kinds: what each may be.
            checked: report trouble where Python might raise.
        """
        known = IN_C.get(function) if isinstance(function, BuiltinFunctionType | type) else None
        if function in (max, min) and len(numbers) > 1:
            return reduce(lambda x, y: f"{known}({x}, {y})", numbers)
        if (known or is_built_in(function)) and (known is None or len(numbers) != 1 + (known in OF_TWO)):
            written = f"{getattr(function, '__name__', '')}({', '.join('xyzuvw'[: len(numbers)])})"
            raise OperationError(f"{name} uses {written}, which C does not have; use backend='python'")
        text = f"{known or self._function(function, name, kinds)}({', '.join(numbers)})"
        if not checked or known in NEVER_RAISE:
            return text
        if function is math.copysign:
            return f"with_sign({', '.join(numbers)})"
        return f"(sound({text}) + 0.0)" if function in ROUNDING else f"sound({text})"

    def _function(self, function: Callable[..., float], name: str, kinds: tuple[Kind, ...]) -> str:
        call = function, kinds
        if call in self._open:
            self._recursive.add(call)
        if call not in self._names:
            found = definition(function, name)
            self._names[call] = f"function_{next(self._numbers)}"
            self._open.append(call)
            try:
                translation = _Translation(found, name, self, kinds, not is_of_house(function))
                text = self._text(self._names[call], translation, call)
            except RecursionError:
                del self._names[call]
                raise OperationError(f"{name} is nested too deeply for C; split it into several functions") from None
            except OperationError:
                del self._names[call]
                raise
            finally:
                self._open.pop()
            self._defined += text  # behind the functions that it calls
        return self._names[call]

    def _text(self, name: str, translation: _Translation, call: Call) -> str:
        """Return a function in C. One that calls itself leaves deep recursion to Python, which has a limit, too."""
        body, arguments = translation.text(), translation.arguments
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


class _Translation:
    """The translation of a function's body."""

    def __init__(
        self, found: Definition, name: str, functions: Functions, kinds: tuple[Kind, ...], checked: bool
    ) -> None:
        self.found, self.name, self.functions, self.checked = found, name, functions, checked
        self.kinds = Kinds(found, kinds, functions.results)
        parts = [part for statement in found.body for part in ast.walk(statement)]
        assigned = [part.id for part in parts if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)]
        self.variables = {name: f"v{place}" for place, name in enumerate(dict.fromkeys((*found.arguments, *assigned)))}
        self._temporaries = 0

    @property
    def arguments(self) -> list[str]:
        """The names of the arguments in C."""
        return list(self.variables.values())[: len(self.found.arguments)]

    def text(self) -> str:
        """Return the body."""
        variables = "".join(f"double {name}; " for name in self.variables.values() if name not in self.arguments)
        end = " return trouble();" if self.kinds.may_end else ""
        return f"{{ {variables}{' '.join(map(self.statement, self.found.body))}{end} }}"

    def statement(self, node: ast.stmt) -> str:
        match node:
            case ast.Return(value=None):
                return "return trouble();"
            case ast.Return(value=ast.expr() as value) | ast.Assign(value=value) | ast.If(test=value) if (
                value not in self.kinds.of
            ):
                return ""  # it stands behind a return
            case ast.Return(value=ast.expr() as value):
                return f"return {self.expression(value)};"
            case ast.If(test=test, body=body, orelse=orelse):
                return f"if ({self.condition(test)}) {self._block(body)} else {self._block(orelse)}"
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                return f"{self.variables[name]} = {self.expression(value)};"
        raise self._trouble(node)

    def _block(self, statements: Iterable[ast.stmt]) -> str:
        return f"{{ {' '.join(map(self.statement, statements))} }}"

    def expression(self, node: ast.expr) -> str:
        """Return an expression as a double."""
        kind = self.kinds.of[node]
        match node:
            case ast.Constant(value=int() | float() as number) if number != number or number == _as_double(number):
                return literal(float(number))
            case ast.Constant(value=None):
                return "trouble()"
            case ast.Name(id=name) if name in self.variables and not kind & UNSET:
                return self.variables[name]
            case ast.Name(id="nan" | "inf" as name) if name not in self.variables:
                return literal(float(name))
            case ast.BinOp(left=left, op=op, right=right) if type(op) in SIGNS or isinstance(op, ast.Pow):
                x, y = self.expression(left), self.expression(right)
                text = f"pow({x}, {y})" if isinstance(op, ast.Pow) else f"({x} {SIGNS[type(op)]} {y})"
                may_raise = self.checked and isinstance(op, ast.Pow | ast.Div)
                return self._exact(f"sound({text})" if may_raise else text, kind)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self._exact(f"(-{self.expression(operand)})", kind)
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.expression(operand)
            case ast.UnaryOp(op=ast.Not()) | ast.Compare():
                return f"(double)({self.condition(node)})"
            case ast.BoolOp(op=op, values=[*values, last]):  # the value in Python is that of one of them
                text = self.expression(last)
                for value in reversed(values):
                    first = self._temporary()
                    chosen = f"{first} : {text}" if isinstance(op, ast.Or) else f"{text} : {first}"
                    text = f"({{ double {first} = {self.expression(value)}; {first} != 0.0 ? {chosen}; }})"
                return text
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return f"({self.condition(test)} ? {self.expression(body)} : {self.expression(orelse)})"
            case ast.Call(func=ast.Name(id=name), args=given) if name in self.found.calls:
                numbers, kinds = list(map(self.expression, given)), tuple(self.kinds.of[x] for x in given)
                return self.functions.call(self.found.calls[name], name, numbers, kinds, self.checked)
        raise self._trouble(node)

    def condition(self, node: ast.expr) -> str:
        """Return an expression as a truth of C."""
        match node:
            case ast.Compare(left=left, ops=signs, comparators=others):
                if not all(type(sign) in SIGNS for sign in signs):
                    raise self._trouble(node)
                pairs, names, side = [], [], self.expression(left)
                for sign, other in zip(signs, others, strict=True):
                    text = right = self.expression(other)
                    if other is not others[-1]:  # it is compared twice, and computed once
                        names.append(self._temporary())
                        text, right = f"({names[-1]} = {text})", names[-1]
                    pairs.append(f"{side} {SIGNS[type(sign)]} {text}")
                    side = right
                variables = "".join(f"double {name}; " for name in names)
                return f"({{ {variables}{' && '.join(pairs)}; }})" if names else f"({pairs[0]})"
            case ast.BoolOp(op=op, values=values):
                return f"({(' || ' if isinstance(op, ast.Or) else ' && ').join(map(self.condition, values))})"
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return f"(!{self.condition(operand)})"
        return f"({self.expression(node)} != 0.0)"

    def _exact(self, text: str, kind: Kind) -> str:
        """Return a result in C that reports trouble where Python's whole numbers would give another one."""
        kind &= REAL
        return text if kind == FLOAT else f"whole({text})" if kind == WHOLE else f"either({text})"

    def _temporary(self) -> str:
        self._temporaries += 1
        return f"t{self._temporaries}"

    def _trouble(self, node: ast.AST) -> OperationError:
        return OperationError(f"{self.name} contains {ast.unparse(node)!r}, which cannot be translated to C")


def _as_double(number: float) -> float | None:
    """Return a number as C would have it, None if it is too large."""
    try:
        return float(number)
    except OverflowError:
        return None


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


def literal(number: float) -> str:
    """Return a number in C, exact to the last bit."""
    if math.isfinite(number):
        return repr(float(number))
    return "NAN" if number != number else "INFINITY" if number > 0.0 else "-INFINITY"


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
