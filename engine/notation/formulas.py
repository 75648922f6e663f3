"""Write nodes, local derivatives and the signs of derivatives as formulas, with the caller's names."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from .. import ops
from ..name import Names
from ..support.latex import latex_of_name
from ..support.numbers import format_number
from ..value import Value
from .symbols import Symbol, local_derivatives, write_expression

MAX_LENGTH = 60  # characters of a part of an expression that is written out

Called = Callable[[Value], str]
Sign = Callable[[Value], Symbol | float]  # what stands for a node in an expression


def partial(of: str, wrt: str, latex: bool = False) -> str:
    r"""Write the sign of a local derivative, the derivative of a node with respect to one of its own operands.

    Args:
        of: the node's name, or an expression.
        wrt: the operand's name.
        latex: whether to write LaTeX; the names must be LaTeX then.

    >>> partial("d", "a"), partial("x * y", "x"), partial("tanh(x)", "x")
    ('∂d/∂a', '∂(x * y)/∂x', '∂tanh(x)/∂x')
    >>> print(partial("d", "a", latex=True))
    \frac{\partial d}{\partial a}
    """
    if latex:
        return rf"\frac{{\partial {of}}}{{\partial {wrt}}}"
    needs_none = re.compile(r"[\w.\[\]]+(\([^()]*\))?")  # brackets: a name, or a function of one
    return "/".join(f"∂{name}" if needs_none.fullmatch(name) else f"∂({name})" for name in (of, wrt))


def total(of: str, wrt: str, latex: bool = False) -> str:
    r"""Write the sign of a total derivative, the derivative of a root with respect to a node along all paths.

    Args:
        of: the root's name.
        wrt: the node's name.
        latex: whether to write LaTeX; the names must be LaTeX then.

    >>> total("L", "w1"), total("loss", "w1")
    ('dL/dw1', 'd(loss)/d(w1)')
    >>> print(total("L", "a", latex=True))
    \frac{d L}{d a}
    """
    if latex:
        return rf"\frac{{d {of}}}{{d {wrt}}}"
    is_short = all(re.fullmatch(r"[^\W\d_][\d_]*(\[\d+\])*", name) for name in (of, wrt))
    return f"d{of}/d{wrt}" if is_short else f"d({of})/d({wrt})"


def symbol(node: Value, names: Names, latex: bool = False) -> Symbol | float:
    """Return what stands for a node in an expression: its name as a symbol, or the number of a constant.

    Args:
        node: the node.
        names: the names of its graph.
        latex: whether the name is to be LaTeX.
    """
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
    """Return the derivative of a node with respect to one of its inputs as an expression.

    Args:
        node: the node.
        position: which of its inputs.
        called: returns the name of a node.

    Returns:
        The expression, a symbol or a number; None if the operation's rule cannot be read with symbols.

    >>> a = Value(2.0, "a")
    >>> local_derivative(a ** 3, 0, lambda node: node.label)
    3 * a ** 2
    """
    return derivative(node, position, lambda x: x.data if x.is_constant else Symbol(called(x)))


def derivative(node: Value, position: int, sign: Sign, out: Any = None) -> Any:
    """Return the derivative of a node with respect to one of its inputs; like `local_derivative`, with any signs.

    Args:
        node: the node.
        position: which of its inputs.
        sign: returns what stands for a node.
        out: what stands for the node itself, if not its sign.
    """
    try:
        return local_derivatives(node.op, [sign(x) for x in node.inputs], sign(node) if out is None else out)[position]
    except Exception:  # the rule of a registered operation may do anything with its operands
        return None


def apply_operation(node: Value, sign: Sign) -> Symbol:
    """Return a node's operation on its operands as an expression, not simplified.

    Args:
        node: the node.
        sign: returns what stands for an operand.
    """
    return Symbol("", node.op, tuple(map(sign, node.inputs)))


def product(*factors: Any) -> str:
    """Write a product, not simplified, of expressions, names and numbers written already.

    >>> product("-3", "-0.5"), product(Symbol("a") + 1.0, "d.grad")
    ('-3 * (-0.5)', '(a + 1) * d.grad')
    """
    return write_expression(Symbol("", ops.mul, tuple(Symbol(x) if isinstance(x, str) else x for x in factors)))


def expression(order: Sequence[Value], called: Called) -> str:
    """Write a graph as one expression; labelled parts and long ones are named in it, not written out.

    Args:
        order: all nodes of the graph.
        called: returns the name of a node.

    >>> a = Value(2.0, "a")
    >>> expression([a, b := a * a, b + a], lambda node: node.label)
    'a * a + a'
    """
    parts: dict[Value, Symbol] = {}
    for node in order:
        parts[node] = apply_operation(node, lambda x: _again(parts[x])) if node.inputs else Symbol(called(node))
        if node is not order[-1] and (node.label or len(write_expression(parts[node])) > MAX_LENGTH):
            parts[node] = Symbol(called(node))
    return write_expression(parts[order[-1]])


def _again(symbol: Symbol) -> Symbol:
    """Return a copy of a symbol, so that ``a * a`` is written as a product, not as a square."""
    return Symbol(symbol.name, symbol.operation, symbol.operands)
