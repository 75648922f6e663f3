"""stepgrad's engine: a scalar autograd engine whose every application of the chain rule can be seen.

>>> from engine import Value, tanh
>>> a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c")
>>> d = tanh((a * b + c) / 5)
>>> d.backward()
>>> print(f"{a.grad:.4f} {b.grad:.4f} {c.grad:.4f}")
-0.3354 0.2236 0.1118
"""

from __future__ import annotations

from .support.public import import_on_first_use, public_names

TYPE_CHECKING = False  # type checkers take it as true; the module typing takes 5 ms to import
if TYPE_CHECKING:  # the list of public names; see `engine.support.public`
    from .backprop import backward as backward
    from .backprop import zero_grad as zero_grad
    from .capsule import load_graph as load_graph
    from .capsule import save_graph as save_graph
    from .check import check_gradients as check_gradients
    from .check import check_operation as check_operation
    from .comparison.comparison import compare as compare
    from .debugger.shell import debug as debug
    from .derivatives import grad as grad
    from .derivatives import hessian as hessian
    from .derivatives import jacobian as jacobian
    from .derivatives import jvp as jvp
    from .doctor.diagnosis import diagnose as diagnose
    from .doctor.watch import Watch as Watch
    from .doctor.why import ledger as ledger
    from .doctor.why import step_audit as step_audit
    from .doctor.why import why_nan as why_nan
    from .doctor.why import why_zero as why_zero
    from .drawing.drawing import draw as draw
    from .drawing.visualizer import debug_view as debug_view
    from .errors import CapsuleError as CapsuleError
    from .errors import DomainError as DomainError
    from .errors import DrawingError as DrawingError
    from .errors import GradientMismatchError as GradientMismatchError
    from .errors import GraphError as GraphError
    from .errors import NotFiniteError as NotFiniteError
    from .errors import OperationError as OperationError
    from .errors import StepgradError as StepgradError
    from .errors import UndefinedDerivativeError as UndefinedDerivativeError
    from .errors import UsageError as UsageError
    from .events import finite as finite
    from .graph import leaves as leaves
    from .graph import topological_order as topological_order
    from .name import label as label
    from .name import names as names
    from .notation.expression import ExpressionError as ExpressionError
    from .notation.expression import parse as parse
    from .operation import Operation as Operation
    from .ops import TABLE as TABLE
    from .ops import abs as abs
    from .ops import acos as acos
    from .ops import acosh as acosh
    from .ops import add as add
    from .ops import asin as asin
    from .ops import asinh as asinh
    from .ops import atan as atan
    from .ops import atan2 as atan2
    from .ops import atanh as atanh
    from .ops import cbrt as cbrt
    from .ops import ceil as ceil
    from .ops import clip as clip
    from .ops import cos as cos
    from .ops import cosh as cosh
    from .ops import div as div
    from .ops import elu as elu
    from .ops import erf as erf
    from .ops import erfc as erfc
    from .ops import exp as exp
    from .ops import exp2 as exp2
    from .ops import expm1 as expm1
    from .ops import floor as floor
    from .ops import gelu as gelu
    from .ops import hardsigmoid as hardsigmoid
    from .ops import hardswish as hardswish
    from .ops import hardtanh as hardtanh
    from .ops import hypot as hypot
    from .ops import leaky_relu as leaky_relu
    from .ops import log as log
    from .ops import log1p as log1p
    from .ops import log2 as log2
    from .ops import log10 as log10
    from .ops import logaddexp as logaddexp
    from .ops import maximum as maximum
    from .ops import minimum as minimum
    from .ops import mish as mish
    from .ops import mod as mod
    from .ops import mul as mul
    from .ops import neg as neg
    from .ops import pow as pow
    from .ops import power as power
    from .ops import relu as relu
    from .ops import selu as selu
    from .ops import sigmoid as sigmoid
    from .ops import sign as sign
    from .ops import silu as silu
    from .ops import sin as sin
    from .ops import sinc as sinc
    from .ops import sinh as sinh
    from .ops import softplus as softplus
    from .ops import softsign as softsign
    from .ops import sqrt as sqrt
    from .ops import sub as sub
    from .ops import tan as tan
    from .ops import tanh as tanh
    from .ops import where as where
    from .page.film import film as film
    from .page.notebook import load_ipython_extension as load_ipython_extension
    from .page.notebook import steps_widget as steps_widget
    from .page.page import show_steps as show_steps
    from .page.page import write_page as write_page
    from .program.compiled import compiled as compiled
    from .program.native.compiler import CompilerError as CompilerError
    from .program.program import Program as Program
    from .recording.context import gc_paused as gc_paused
    from .recording.context import no_grad as no_grad
    from .recording.context import record_source as record_source
    from .recording.context import scope as scope
    from .routes.verdict import verify_operation as verify_operation
    from .steps.walk import walk as walk
    from .sums import dot as dot
    from .support.files import write_whole as write_whole
    from .tensors.jax import from_jax as from_jax
    from .tensors.torch import from_torch as from_torch
    from .value import Value as Value
    from .value import register as register
    from .value import unregister as unregister
    from .words.document import Document as Document
    from .words.document import Formula as Formula
    from .words.explanation import explain as explain
    from .words.formula import formula as formula
    from .words.tree import tree as tree

__version__ = "0.1.0"
if not TYPE_CHECKING:  # so that type checkers read the list above, and refuse a name that is not in it
    __all__ = list(public_names(__file__))
    __getattr__, __dir__ = import_on_first_use(__name__, public_names(__file__))
