"""Nodes and derivatives as formulas, with names that somebody gives them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .. import ops
from ..ops import constant
from ..value import Value
from .symbols import Symbol, local_derivatives, written

LONGEST = 60  # characters of a part of an expression that is written out

Called = Callable[[Value], str]
Sign = Callable[[Value], Symbol | float]  # what stands for a node in an expression


def statement(node: Value, called: Called) -> str:
    """Return how a node is computed from its operands; empty for one without.

    >>> from engine.step import called
    >>> statement(Value(2.0, "a") * 3.0, called)
    'a * 3'
    """
    return written(applied(node, lambda x: Symbol(called(x)))) if node.inputs else ""


def with_numbers(node: Value) -> str:
    """Return how a node is computed from its operands' numbers.

    >>> with_numbers(Value(2.0) * -3.0)
    '2 * (-3)'
    """
    return written(applied(node, lambda x: Symbol(f"{x.data:.6g}")))


def local_derivative(node: Value, position: int, called: Called) -> Any:
    """Return the derivative of a node by one of its inputs as an expression.

    Returns:
        The expression, a symbol or a number; None if the operation's rule cannot be read with symbols.

    >>> a = Value(2.0, "a")
    >>> local_derivative(a ** 3, 0, lambda node: node.label)
    3 * a ** 2
    """
    return derivative(node, position, lambda x: x.data if x.op is constant else Symbol(called(x)))


def derivative(node: Value, position: int, sign: Sign, out: Any = None) -> Any:
    """Return the derivative of a node by one of its inputs as an expression of signs; None as in `local_derivative`.

    Args:
        node: the node.
        position: which of its inputs.
        sign: what stands for each node.
        out: what stands for the node itself, if it is not its sign.
    """
    assert node.op is not None
    try:
        return local_derivatives(node.op, [sign(x) for x in node.inputs], sign(node) if out is None else out)[position]
    except Exception:  # the rule of somebody's own operation may do anything with its operands
        return None


def applied(node: Value, sign: Sign) -> Symbol:
    """Return a node's operation on its operands as it stands, without simplifying it."""
    return Symbol("", node.op, tuple(map(sign, node.inputs)))


def product(*factors: Any) -> str:
    """Return a product as it stands, without simplifying it, of expressions and of numbers' texts.

    >>> product("-3", "-0.5"), product(Symbol("a") + 1.0, "d.grad")
    ('-3 * (-0.5)', '(a + 1) * d.grad')
    """
    return written(Symbol("", ops.mul, tuple(Symbol(x) if isinstance(x, str) else x for x in factors)))


def partial(of: str, wrt: str) -> str:
    """Return the sign of a local derivative.

    >>> partial("d", "a")
    '∂d/∂a'
    """
    return f"∂{of}/∂{wrt}"


def total(of: str, wrt: str) -> str:
    """Return the sign of a total derivative.

    >>> total("loss", "a")
    'd(loss)/d(a)'
    """
    return f"d({of})/d({wrt})"


def expression(order: Sequence[Value], called: Called) -> str:
    """Return a graph as one expression, in which labelled and long parts are only named.

    >>> a = Value(2.0, "a")
    >>> expression([a, b := a * a, b + a], lambda node: node.label)
    'a * a + a'
    """
    parts: dict[Value, Symbol] = {}
    for node in order:
        parts[node] = applied(node, lambda x: _again(parts[x])) if node.inputs else Symbol(called(node))
        if node is not order[-1] and (node.label or len(written(parts[node])) > LONGEST):
            parts[node] = Symbol(called(node))
    return written(parts[order[-1]])


def _again(symbol: Symbol) -> Symbol:
    """Return the same symbol as another object, so that a product of a thing by itself is written as one."""
    return Symbol(symbol.name, symbol.operation, symbol.operands)
