"""Write nodes, local derivatives and the signs of derivatives as formulas, with the caller's names."""

import re
from collections.abc import Callable, Sequence
from copy import copy
from typing import Any

from .. import ops
from ..name import Names
from ..support.text import format_number, latex_of_name
from ..value import Value
from .symbols import Symbol, local_derivatives, write_expression

MAX_LENGTH = 60  # characters of a part of an expression that is written out

Called = Callable[[Value], str]
Sign = Callable[[Value], Symbol | float]  # what stands for a node in an expression


def partial(of: str, wrt: str, latex: bool = False) -> str:
    """Write the sign of a local derivative, that of a name or an expression with respect to one of its own operands.

    For LaTeX, the names must be LaTeX.

    >>> partial("d", "a"), partial("x * y", "x"), partial("tanh(x)", "x")
    ('∂d/∂a', '∂(x * y)/∂x', '∂tanh(x)/∂x')
    """
    if latex:
        return rf"\frac{{\partial {of}}}{{\partial {wrt}}}"
    needs_none = re.compile(r"[\w.\[\]]+(\([^()]*\))?")  # brackets: a name, or a function of one
    return "/".join(f"∂{name}" if needs_none.fullmatch(name) else f"∂({name})" for name in (of, wrt))


def total(of: str, wrt: str, latex: bool = False) -> str:
    """Write the sign of a total derivative, that of a root with respect to a node along all paths.

    For LaTeX, the names must be LaTeX.

    >>> total("L", "w1"), total("loss", "w1")
    ('dL/dw1', 'd(loss)/d(w1)')
    """
    if latex:
        return rf"\frac{{d {of}}}{{d {wrt}}}"
    is_short = all(re.fullmatch(r"[^\W\d_][\d_]*(\[\d+\])*", name) for name in (of, wrt))
    return f"d{of}/d{wrt}" if is_short else f"d({of})/d({wrt})"


def symbol(node: Value, names: Names, latex: bool = False) -> Symbol | float:
    """Return what stands for a node in an expression: its name as a symbol, or the number of a constant."""
    if names.is_number(node):
        return node.data
    return Symbol(latex_of_name(names[node]) if latex else names[node])


def statement(node: Value, called: Called) -> str:
    """Write how a node is computed from its operands; empty for a node without operands.

    >>> statement(Value(2.0, "a") * 3.0, lambda node: node.label or "3")
    'a * 3'
    """
    return write_expression(apply_operation(node, lambda x: Symbol(called(x)))) if node.inputs else ""


def with_numbers(node: Value) -> str:
    """Write how a node is computed, with the operands' numbers in place of their names.

    >>> with_numbers(Value(2.0) * -3.0)
    '2 * (-3)'
    """
    return write_expression(apply_operation(node, lambda x: Symbol(format_number(x.data))))


def local_derivative(node: Value, position: int, called: Called) -> Any:
    """Return the derivative of a node with respect to one of its inputs as a symbol or a number.

    It is None if the operation's rule cannot be read with symbols.

    >>> a = Value(2.0, "a")
    >>> local_derivative(a ** 3, 0, lambda node: node.label)
    3 * a ** 2
    """
    return derivative(node, position, lambda x: x.data if x.is_constant else Symbol(called(x)))


def derivative(node: Value, position: int, sign: Sign, out: Any = None) -> Any:
    """Return what `local_derivative` does, with any signs for nodes, and perhaps another one for the node itself."""
    try:
        return local_derivatives(node.op, [sign(x) for x in node.inputs], sign(node) if out is None else out)[position]
    except Exception:  # the rule of a registered operation may do anything with its operands
        return None


def apply_operation(node: Value, sign: Sign) -> Symbol:
    """Return a node's operation on what stands for its operands, not simplified."""
    return Symbol("", node.op, tuple(map(sign, node.inputs)))


def product(*factors: Any) -> str:
    """Write a product, not simplified, of expressions, names and numbers written already.

    >>> product("-3", "-0.5"), product(Symbol("a") + 1.0, "d.grad")
    ('-3 * (-0.5)', '(a + 1) * d.grad')
    """
    return write_expression(Symbol("", ops.mul, tuple(Symbol(x) if isinstance(x, str) else x for x in factors)))


def expression(order: Sequence[Value], called: Called) -> str:
    """Write a graph as one expression; labelled parts and long ones are named in it, not written out.

    >>> a = Value(2.0, "a")
    >>> expression([a, b := a * a, b + a], lambda node: node.label)
    'a * a + a'
    """
    parts: dict[Value, Symbol] = {}
    for node in order:  # with copies of operands, so that a * a is written as a product, not as a square
        parts[node] = apply_operation(node, lambda x: copy(parts[x])) if node.inputs else Symbol(called(node))
        if node is not order[-1] and (node.label or len(write_expression(parts[node])) > MAX_LENGTH):
            parts[node] = Symbol(called(node))
    return write_expression(parts[order[-1]])
