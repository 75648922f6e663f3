"""Functions of the table as functions of arrays, which compute every branch and choose number by number.

An array has no single truth, so ``if`` becomes a choice between the results of both branches:

    def sigmoid(x):                              def _sigmoid(x):
        if x >= 0.0:                                 a1 = np.exp(x)
            return 1.0 / (1.0 + math.exp(-x))        return _where((x >= 0.0), (1.0 / ...), (a1 / (1.0 + a1)))
        small = math.exp(x)
        return small / (1.0 + small)

What depends on parameters alone is computed when the text is written, and functions that are called are written out.
Where Python would raise, the result is not-a-number or infinite, as usual with arrays.
"""

import ast
import math
import operator
import re
from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from types import BuiltinFunctionType, FunctionType
from typing import Any

from ...errors import DomainError, OperationError
from ...notation.formulas import Symbol
from ...operation import Operation
from ...slope import FLAT
from ..functions import Definition, definition, is_built_in, is_of_house, value_function
from ..plan import derivatives

# What NumPy calls the functions of `math`; JAX and PyTorch do, too, or their prelude defines it.
NAMES: dict[Any, str] = {
    **{getattr(math, name): f"np.{name}" for name in (
        "ceil", "copysign", "cos", "cosh", "exp", "exp2", "expm1", "floor", "fmod", "hypot", "log", "log10", "log1p",
        "log2", "sin", "sinh", "sqrt", "tan", "tanh", "trunc",
    )},
    **{getattr(math, f"a{name}"): f"np.arc{name}" for name in ("cos", "cosh", "sin", "sinh", "tan", "tanh")},
    **{getattr(math, name): f"_{name}" for name in ("cbrt", "erf", "erfc", "gamma", "lgamma")},
    math.atan2: "np.arctan2", math.fabs: "np.abs", math.pow: "_power", abs: "np.abs", operator.abs: "np.abs",
}  # fmt: skip
OF_TWO = {math.atan2, math.copysign, math.fmod, math.hypot, math.pow}
INFIX: dict[Any, str] = {operator.add: "+", operator.sub: "-", operator.mul: "*", operator.truediv: "/"}
SIGNS: dict[type, tuple[str, Callable[[Any, Any], Any]]] = {
    ast.Add: ("+", operator.add), ast.Sub: ("-", operator.sub), ast.Mult: ("*", operator.mul),
    ast.Div: ("/", operator.truediv), ast.Lt: ("<", operator.lt), ast.LtE: ("<=", operator.le),
    ast.Gt: (">", operator.gt), ast.GtE: (">=", operator.ge), ast.Eq: ("==", operator.eq),
    ast.NotEq: ("!=", operator.ne),
}  # fmt: skip
MAX_DEPTH = 24  # calls of a function in itself; those of the table need some 16
MAX_ORDER = 3  # how often an operation with parameters is differentiated with the table's own rules

NUMBER = re.compile(r"\(?-?(?:\d[\d.e+-]*|np\.nan|np\.inf)\)?")

Term = str | float | bool  # text of an array, or a number that is known


class Functions:
    """Functions of arrays in the words of NumPy, each with its local derivatives.

    Attributes:
        texts: the source of each function, behind those that it calls.
    """

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self._names: dict[Operation, str] = {}
        self._taken: dict[str, int] = {}

    def name(self, operation: Operation, order: int = 0) -> str:
        """Return the name of an operation's function, whose text is written if it is new.

        Args:
            operation: any with operands.
            order: how many operations of the same entry with other parameters led here, each the derivative of another.

        Raises:
            OperationError: it cannot be translated.
        """
        if operation not in self._names:
            base = "".join(x if x.isalnum() else "_" for x in operation.name).strip("_")
            number = self._taken[base] = self._taken.get(base, 0) + 1
            self._names[operation] = name = f"_{base}_{number}"
            self.texts[name] = ""  # its place, before what its derivatives call
            self.texts[name] = self._text(name, operation, order)
        return self._names[operation]

    def _text(self, name: str, operation: Operation, order: int) -> str:
        body = Body(operation.name)
        operands = [f"x{place}" for place in range(1, operation.arity + 1)]
        function, parameters = value_function(operation)
        value = body.call(function, operation.name, [*operands, *parameters])
        result = body.text(value, operands[0])
        lines = [f"def {name}({', '.join(operands)}):", *(f"    {line}" for line in body.lines)]
        text = "\n".join([*lines, f"    return {result}"])
        if order >= MAX_ORDER:
            return text
        slopes = []
        for rule in derivatives(operation):
            if rule is FLAT:
                slopes.append("None")
            else:
                names = dict(zip((*operation.operands, "out"), (*operands, "out"), strict=True))
                slopes.append(self.expression(rule, names, operation, order))
        given = ", ".join([*operands, "out"])
        return f"{text}\n\n\n{name} = _differentiable({name}, lambda {given}: ({', '.join(slopes)},))"

    def expression(self, rule: Any, names: dict[str, str], below: Operation, order: int) -> str:
        """Return a local derivative as text, given the names of the operands; 0.0 where it is flat."""
        if not isinstance(rule, Symbol):
            return _literal(float(rule))
        operation = rule.operation
        if operation is None:
            return names[rule.name]
        texts = [self.expression(x, names, below, order) for x in rule.operands]
        if operation.name == "where":
            return _chosen(f"{texts[0]} > 0.0", texts[1], texts[2], next(iter(names.values())))
        function = value_function(operation)[0]
        if function in INFIX:
            return f"({texts[0]} {INFIX[function]} {texts[1]})"
        if function is operator.neg:
            return f"(-{texts[0]})"
        order = order + 1 if operation.general is below.general and operation.parameters else 0
        operands = [f"np.full_like({names['out']}, {text})" if _is_number(text) else text for text in texts]
        return f"{self.name(operation, order)}({', '.join(operands)})"

    def flatness(self, operation: Operation, place: int, operands: Sequence[str], out: str) -> str | None:
        """Return a truth as text: whether the edge to an operand is flat; None if it never is."""
        names = dict(zip((*operation.operands, "out"), (*operands, out), strict=True))
        found = self._flatness(derivatives(operation)[place], names, operation)
        return None if found == "False" else found

    def _flatness(self, rule: Any, names: dict[str, str], operation: Operation) -> str:
        if rule is FLAT:
            return "True"
        if not isinstance(rule, Symbol) or rule.operation is None or rule.operation.name != "where":
            return "False"
        first, second = (self._flatness(x, names, operation) for x in rule.operands[1:])
        if first == second == "False":
            return "False"
        condition = f"({self.expression(rule.operands[0], names, operation, 0)} > 0.0)"
        chosen = [f"({condition} & {first})" if first != "True" else condition] if first != "False" else []
        if second != "False":
            chosen.append(f"(~{condition} & {second})" if second != "True" else f"(~{condition})")
        return f"({' | '.join(chosen)})"


class Body:
    """The statements of a function of arrays, in which nothing branches."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lines: list[str] = []
        self._known: dict[str, str] = {}
        self._depth: dict[Any, int] = {}

    def text(self, term: Term, like: str) -> str:
        """Return a term as the text of an array like another one."""
        return term if isinstance(term, str) else f"np.full_like({like}, {_literal(float(term))})"

    def _named(self, term: Term) -> Term:
        """Return a term that may be used several times."""
        if not isinstance(term, str) or term.isidentifier():
            return term
        if term not in self._known:
            self._known[term] = f"a{len(self.lines) + 1}"
            self.lines.append(f"{self._known[term]} = {term}")
        return self._known[term]

    def call(self, function: Callable[..., float], name: str, terms: Sequence[Term]) -> Term:
        """Return the result of a call."""
        if isinstance(function, FunctionType):
            return self._inlined(function, name, terms)
        if function is float:
            return float(terms[0]) if not isinstance(terms[0], str) else terms[0]
        if function in (max, min) and len(terms) > 1:
            sign = ">" if function is max else "<"
            return reduce(lambda x, y: self._choose(self._compare(sign, y, x), y, x), map(self._named, terms))
        if not any(isinstance(term, str) for term in terms) and is_built_in(function):
            return _computed(function, terms)
        if function in INFIX:
            return self._binary(INFIX[function], function, *terms)
        if function is operator.neg:
            return f"(-{terms[0]})"
        if function in (math.degrees, math.radians):
            return f"({terms[0]} * {function(1.0)!r})"
        known = NAMES.get(function) if isinstance(function, BuiltinFunctionType | type) else None
        if known is None or len(terms) != 1 + (function in OF_TWO):
            written = f"{getattr(function, '__name__', function)}({', '.join('xyzuvw'[: len(terms)])})"
            raise OperationError(
                f"{self.name} uses {written}, which arrays of JAX, PyTorch and NumPy do not have here: write its value "
                "in formulas and other functions of math, or save the program as Python"
            )
        like = next(term for term in terms if isinstance(term, str))
        return f"{known}({', '.join(self.text(term, like) for term in terms)})"

    def _inlined(self, function: FunctionType, name: str, terms: Sequence[Term]) -> Term:
        found = definition(function, name)
        depth = self._depth.get(function, 0)
        if depth >= MAX_DEPTH:
            if is_of_house(function):
                return math.nan
            raise OperationError(
                f"{name} calls itself until its numbers end it, which cannot be written for arrays: write a formula, "
                "or save the program as Python"
            )
        self._depth[function] = depth + 1
        try:
            known = dict(zip(found.arguments, map(self._named, terms), strict=True))
            result = self._run(list(found.body), known, found)
        finally:
            self._depth[function] = depth
        return math.nan if result is None else result

    def _run(self, statements: list[ast.stmt], known: dict[str, Term], found: Definition) -> Term | None:
        """Return what some statements return, and None if they do not; assignments change what is known."""
        for place, statement in enumerate(statements):
            rest = statements[place + 1 :]
            match statement:
                case ast.Return(value=value):
                    return math.nan if value is None else self._number(value, known, found)
                case ast.Assign(targets=[ast.Name(id=target)], value=value):
                    known[target] = self._named(self._number(value, known, found))
                case ast.If(test=test, body=body, orelse=orelse):
                    condition = self._truth(test, known, found)
                    if isinstance(condition, bool):
                        return self._run([*(body if condition else orelse), *rest], known, found)
                    condition = str(self._named(condition))
                    ways = [known.copy(), known.copy()]
                    if any(isinstance(part, ast.Return) for x in (*body, *orelse) for part in ast.walk(x)):
                        parts = [[*body, *rest], [*orelse, *rest]]
                        results = [self._run(part, way, found) for part, way in zip(parts, ways, strict=True)]
                        one, other = (math.nan if result is None else result for result in results)
                        return self._choose(condition, one, other)
                    self._run(body, ways[0], found)
                    self._run(orelse, ways[1], found)
                    for name in {**ways[0], **ways[1]}:
                        first, second = (way.get(name, math.nan) for way in ways)
                        is_same = first is second
                        known[name] = first if is_same else self._named(self._choose(condition, first, second))
                case _:
                    raise self._trouble(statement)
        return None

    def _number(self, node: ast.expr, known: dict[str, Term], found: Definition) -> Term:
        """Return an expression as a number."""
        match node:
            case ast.Constant(value=None):
                return math.nan
            case ast.Constant(value=int() | float() as constant):
                return constant
            case ast.Name(id=name) if name in known:
                return known[name]
            case ast.Name(id="nan" | "inf" as name):
                return float(name)
            case ast.BinOp(left=left, op=ast.Pow(), right=right):
                return self.call(math.pow, self.name, [self._number(x, known, found) for x in (left, right)])
            case ast.BinOp(left=left, op=op, right=right) if type(op) in SIGNS:
                sign, compute = SIGNS[type(op)]
                return self._binary(sign, compute, *(self._number(x, known, found) for x in (left, right)))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                number = self._number(operand, known, found)
                return f"(-{number})" if isinstance(number, str) else -number
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self._number(operand, known, found)
            case ast.UnaryOp(op=ast.Not()) | ast.Compare():
                return self._choose(self._truth(node, known, found), 1.0, 0.0)
            case ast.BoolOp(op=op, values=[*values, last]):
                term = self._number(last, known, found)
                for value in reversed(values):
                    first = self._named(self._number(value, known, found))
                    ways = (first, term) if isinstance(op, ast.Or) else (term, first)
                    term = self._choose(self._compare("!=", first, 0.0), *ways)
                return term
            case ast.IfExp(test=test, body=body, orelse=orelse):
                condition = self._truth(test, known, found)
                if isinstance(condition, bool):
                    return self._number(body if condition else orelse, known, found)
                return self._choose(condition, *(self._number(x, known, found) for x in (body, orelse)))
            case ast.Call(func=ast.Name(id=name), args=given) if name in found.calls:
                return self.call(found.calls[name], name, [self._number(x, known, found) for x in given])
        raise self._trouble(node)

    def _truth(self, node: ast.expr, known: dict[str, Term], found: Definition) -> str | bool:
        """Return an expression as a truth."""
        match node:
            case ast.Compare(left=left, ops=signs, comparators=others) if all(type(sign) in SIGNS for sign in signs):
                sides = [self._named(self._number(x, known, found)) for x in (left, *others)]
                pairs = zip(signs, sides, sides[1:], strict=False)
                return _all(self._compare(SIGNS[type(sign)][0], x, y) for sign, x, y in pairs)
            case ast.BoolOp(op=ast.And(), values=values):
                return _all(self._truth(x, known, found) for x in values)
            case ast.BoolOp(values=values):
                return _not(_all(_not(self._truth(x, known, found)) for x in values))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return _not(self._truth(operand, known, found))
        return self._compare("!=", self._number(node, known, found), 0.0)

    def _binary(self, sign: str, compute: Callable[[Any, Any], Any], x: Term, y: Term) -> Term:
        if isinstance(x, str) or isinstance(y, str):
            return f"({_shown(x)} {sign} {_shown(y)})"
        return _computed(compute, [x, y])

    def _compare(self, sign: str, x: Term, y: Term) -> str | bool:
        if isinstance(x, str) or isinstance(y, str):
            return f"({_shown(x)} {sign} {_shown(y)})"
        compute = next(compute for text, compute in SIGNS.values() if text == sign)
        return bool(compute(x, y))

    def _choose(self, condition: str | bool, x: Term, y: Term) -> Term:
        if isinstance(condition, bool):
            return x if condition else y
        return _chosen(condition, _shown(x), _shown(y), "x1")

    def _trouble(self, node: ast.AST) -> OperationError:
        return OperationError(f"{self.name} contains {ast.unparse(node)!r}, which cannot be written for arrays")


def _chosen(condition: str, x: str, y: str, like: str) -> str:
    """Return a choice as text; of two numbers one becomes an array, whose precision the choice has."""
    if x == y:
        return x
    if _is_number(x) and _is_number(y):
        x = f"np.full_like({like}, {x})"
    return f"_where({condition}, {x}, {y})"


def _is_number(text: str) -> bool:
    return NUMBER.fullmatch(text) is not None


def _literal(number: float) -> str:
    if math.isfinite(number):
        return f"({number!r})" if math.copysign(1.0, number) < 0.0 else repr(number)
    return "np.nan" if number != number else "np.inf" if number > 0.0 else "(-np.inf)"


def _shown(term: Term) -> str:
    return term if isinstance(term, str) else _literal(float(term))


def _computed(function: Callable[..., Any], terms: Sequence[Any]) -> float:
    try:
        return function(*terms)  # type: ignore[no-any-return]
    except OverflowError:
        return math.inf
    except (ArithmeticError, ValueError, DomainError):
        return math.nan


def _all(truths: Iterable[str | bool]) -> str | bool:
    found = list(truths)
    if False in found:
        return False
    texts = [truth for truth in found if isinstance(truth, str)]
    return True if not texts else texts[0] if len(texts) == 1 else f"({' & '.join(texts)})"


def _not(truth: str | bool) -> str | bool:
    return (not truth) if isinstance(truth, bool) else f"(~{truth})"
