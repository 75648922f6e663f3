"""stepgrad's engine: a scalar autograd engine whose every application of the chain rule can be seen.

>>> from engine import Value, tanh
>>> a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c")
>>> d = tanh((a * b + c) / 5)
>>> d.backward()
>>> print(f"{a.grad:.4f} {b.grad:.4f} {c.grad:.4f}")
-0.3354 0.2236 0.1118
"""

from .backprop import backward, grad, hessian, jacobian, jvp, zero_grad
from .check import check_gradients, check_operation
from .context import gc_paused, no_grad, scope
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

__version__ = "0.1.0"

__all__ = [
    "DomainError",
    "GradientMismatchError",
    "GraphError",
    "Operation",
    "OperationError",
    "StepgradError",
    "TABLE",
    "UndefinedDerivativeError",
    "UsageError",
    "Value",
    "abs",
    "add",
    "backward",
    "check_gradients",
    "check_operation",
    "cos",
    "div",
    "elu",
    "erf",
    "erfc",
    "exp",
    "expm1",
    "gc_paused",
    "gelu",
    "grad",
    "hessian",
    "jacobian",
    "jvp",
    "label",
    "leaky_relu",
    "leaves",
    "log",
    "log1p",
    "maximum",
    "minimum",
    "mul",
    "names",
    "neg",
    "no_grad",
    "pow",
    "power",
    "register",
    "relu",
    "scope",
    "sigmoid",
    "sign",
    "silu",
    "sin",
    "softplus",
    "sqrt",
    "sub",
    "tan",
    "tanh",
    "topological_order",
    "unregister",
    "where",
    "zero_grad",
]
