"""stepgrad's engine: a scalar autograd engine whose every application of the chain rule can be seen.

>>> from engine import Value, tanh
>>> a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c")
>>> d = tanh((a * b + c) / 5)
>>> d.backward()
>>> print(f"{a.grad:.4f} {b.grad:.4f} {c.grad:.4f}")
-0.3354 0.2236 0.1118
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .backprop import backward, grad, hessian, jacobian, jvp, zero_grad
from .context import gc_paused, no_grad, record_source, scope
from .errors import (
    DomainError,
    GradientMismatchError,
    GraphError,
    OperationError,
    StepgradError,
    UndefinedDerivativeError,
    UsageError,
)
from .graph import label, leaves, names, topological_order
from .ops import (
    TABLE,
    Operation,
    abs,
    add,
    cos,
    div,
    elu,
    erf,
    erfc,
    exp,
    expm1,
    gelu,
    leaky_relu,
    log,
    log1p,
    maximum,
    minimum,
    mul,
    neg,
    pow,
    power,
    relu,
    sigmoid,
    sign,
    silu,
    sin,
    softplus,
    sqrt,
    sub,
    tan,
    tanh,
    where,
)
from .value import Value, register, unregister

if TYPE_CHECKING:
    from .check import check_gradients, check_operation
    from .debugger import debug
    from .doctor import diagnose, ledger, step_audit, why_nan, why_zero
    from .expression import ExpressionError, parse
    from .files import write_whole
    from .program import Program, compiled
    from .steps import walk
    from .view import draw
    from .view.page import show_steps, write_page
    from .view.words import Document, Formula, explain, formula, tree

__version__ = "0.1.0"

# What is looked at, not computed with, is imported by the first use of its name, so that `import engine` stays quick.
_ON_FIRST_USE = {
    "Document": "view.words",
    "ExpressionError": "expression",
    "Formula": "view.words",
    "Program": "program",
    "check_gradients": "check",
    "check_operation": "check",
    "compiled": "program",
    "debug": "debugger",
    "diagnose": "doctor",
    "ledger": "doctor",
    "step_audit": "doctor",
    "why_nan": "doctor",
    "why_zero": "doctor",
    "draw": "view",
    "explain": "view.words",
    "formula": "view.words",
    "parse": "expression",
    "show_steps": "view.page",
    "tree": "view.words",
    "walk": "steps",
    "write_page": "view.page",
    "write_whole": "files",
}


def __getattr__(name: str) -> Any:
    if name not in _ON_FIRST_USE:
        raise AttributeError(f"module 'engine' has no attribute {name!r}")
    from importlib import import_module

    found = getattr(import_module(f".{_ON_FIRST_USE[name]}", __name__), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


__all__ = [
    "TABLE",
    "Document",
    "DomainError",
    "ExpressionError",
    "Formula",
    "GradientMismatchError",
    "GraphError",
    "Operation",
    "OperationError",
    "Program",
    "StepgradError",
    "UndefinedDerivativeError",
    "UsageError",
    "Value",
    "abs",
    "add",
    "backward",
    "check_gradients",
    "check_operation",
    "compiled",
    "cos",
    "debug",
    "diagnose",
    "div",
    "draw",
    "elu",
    "erf",
    "erfc",
    "exp",
    "explain",
    "expm1",
    "formula",
    "gc_paused",
    "gelu",
    "grad",
    "hessian",
    "jacobian",
    "jvp",
    "label",
    "leaky_relu",
    "leaves",
    "ledger",
    "log",
    "log1p",
    "maximum",
    "minimum",
    "mul",
    "names",
    "neg",
    "no_grad",
    "parse",
    "pow",
    "power",
    "record_source",
    "register",
    "relu",
    "scope",
    "show_steps",
    "sigmoid",
    "sign",
    "silu",
    "sin",
    "softplus",
    "sqrt",
    "step_audit",
    "sub",
    "tan",
    "tanh",
    "topological_order",
    "tree",
    "unregister",
    "walk",
    "where",
    "why_nan",
    "why_zero",
    "write_page",
    "write_whole",
    "zero_grad",
]
