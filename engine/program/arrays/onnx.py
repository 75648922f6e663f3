"""Programs as ONNX: the source of a program of arrays, run once with tensors that note operations instead of numbers.

The words of the source stand for nodes of ONNX here, so ``np.exp(x)`` adds a node ``Exp`` and returns its name. A model
takes ``inputs``, a row of float32 for each sample, and returns ``outputs``; the parameters are in it, at their numbers
of now.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from importlib.util import find_spec
from types import SimpleNamespace
from typing import Any

from ...errors import OperationError, StepgradError
from ..plan import Plan
from .source import Source

OPSET, FORMAT = 17, 8  # of 2022; runtimes read older ones
ALIKE = {  # NumPy's names of functions that ONNX has, and ONNX's
    "abs": "Abs", "arccos": "Acos", "arccosh": "Acosh", "arcsin": "Asin", "arcsinh": "Asinh", "arctan": "Atan",
    "arctanh": "Atanh", "ceil": "Ceil", "cos": "Cos", "cosh": "Cosh", "exp": "Exp", "floor": "Floor", "log": "Log",
    "sin": "Sin", "sinh": "Sinh", "sqrt": "Sqrt", "tan": "Tan", "tanh": "Tanh",
}  # fmt: skip
SIGNS = {
    "__add__": "Add", "__sub__": "Sub", "__mul__": "Mul", "__truediv__": "Div", "__lt__": "Less", "__gt__": "Greater",
    "__le__": "LessOrEqual", "__ge__": "GreaterOrEqual", "__eq__": "Equal", "__and__": "And", "__or__": "Or",
}  # fmt: skip


class Tensor:
    """A tensor of the graph: its name, and the count of its dimensions."""

    def __init__(self, graph: Graph, name: str, rank: int) -> None:
        self.graph, self.name, self.rank = graph, name, rank

    def __ne__(self, other: object) -> Any:
        return ~(self == other)

    def __invert__(self) -> Any:
        return self.graph.node("Not", self)

    def __neg__(self) -> Any:
        return self.graph.node("Neg", self)

    def __radd__(self, other: float) -> Any:
        return self.graph.node("Add", other, self)

    def __rsub__(self, other: float) -> Any:
        return self.graph.node("Sub", other, self)

    def __rmul__(self, other: float) -> Any:
        return self.graph.node("Mul", other, self)

    def __rtruediv__(self, other: float) -> Any:
        return self.graph.node("Div", other, self)

    @property
    def T(self) -> Any:
        """The transposed matrix."""
        return self.graph.node("Transpose", self, rank=2)

    __hash__ = None  # type: ignore[assignment]


def _sign(kind: str) -> Any:
    return lambda self, other: self.graph.node(kind, self, other)


for _name, _kind in SIGNS.items():
    setattr(Tensor, _name, _sign(_kind))


class Graph:
    """The nodes of ONNX that the words of a source add."""

    def __init__(self, onnx: Any, parameters: Sequence[float]) -> None:
        self.onnx, self.nodes, self.stored, self._known = onnx, list[Any](), list[Any](), dict[Any, Any]()
        self.inputs, self.parameters = Tensor(self, "inputs", 2), self.store(parameters, "parameters")
        self.words = {name.removeprefix("word_"): getattr(self, name) for name in dir(self) if name.startswith("word_")}
        self.words["np"] = SimpleNamespace(
            **{ours: (lambda x, kind=kind: self.node(kind, x)) for ours, kind in ALIKE.items()},
            arctan2=self.arctan2, copysign=lambda x, y: self.choose(y < 0.0, -self.size(x), self.size(x)),
            exp2=lambda x: self.node("Exp", x * math.log(2.0)),
            log2=lambda x: self.node("Log", x) * (1.0 / math.log(2.0)),
            log10=lambda x: self.node("Log", x) * (1.0 / math.log(10.0)), log1p=self.log1p,
            expm1=lambda x: self.node("Tanh", x * 0.5) * (self.node("Exp", x) + 1.0),
            fmod=lambda x, y: self.node("Mod", x, y, fmod=1), full_like=lambda x, number: self.scalar(number),
            trunc=lambda x: self.node("Sign", x) * self.node("Floor", self.size(x)), nan=math.nan, inf=math.inf,
        )  # fmt: skip

    # --- nodes ------------------------------------------------------------------------------------------

    def node(self, kind: str, *operands: Any, rank: int | None = None, **settings: Any) -> Any:
        """Add a node, and return its result."""
        given = [x if isinstance(x, Tensor) else self.scalar(x) for x in operands]
        made = Tensor(self, f"t{len(self.nodes) + 1}", max(x.rank for x in given) if rank is None else rank)
        self.nodes.append(self.onnx.helper.make_node(kind, [x.name for x in given], [made.name], **settings))
        return made

    def store(self, numbers: Any, name: str = "", whole: bool = False) -> Any:
        """Return a tensor of numbers that are in the model."""
        import numpy

        with numpy.errstate(over="ignore"):  # the largest numbers of 64 bits are infinite here
            stored = numpy.asarray(numbers).astype("int64" if whole else "float32")
        key = name or (stored.dtype.str, stored.shape, stored.tobytes())
        if key not in self._known:
            chosen = name or f"c{len(self.stored)}"
            self.stored.append(self.onnx.numpy_helper.from_array(stored, chosen))
            self._known[key] = Tensor(self, chosen, stored.ndim)
        return self._known[key]

    def scalar(self, number: float) -> Any:
        """Return a number."""
        return self.store(number)

    def shaped(self, x: Any, *sizes: int) -> Any:
        """Return a tensor in another shape; 0 keeps a dimension."""
        return self.node("Reshape", x, self.store(sizes, whole=True), rank=len(sizes))

    def wide(self, x: Any) -> Any:
        """Return a tensor with a row for each sample."""
        if x.rank == 2:
            return x
        rows = self.node("Slice", self.node("Shape", self.inputs, rank=1), *self._ends(0, 1), rank=1)
        shape = self.node("Concat", rows, self.store([1], whole=True), rank=1, axis=0)
        return self.node("Expand", x, shape, rank=2)

    def _ends(self, *ends: int) -> list[Any]:
        return [self.store([end], whole=True) for end in ends]

    # --- functions that ONNX does not have ----------------------------------------------------------------

    def size(self, x: Any) -> Any:
        """Return an absolute value."""
        return self.node("Abs", x)

    def choose(self, condition: Any, x: Any, y: Any) -> Any:
        """Return one of two numbers."""
        return self.node("Where", condition, x, y)

    def arctan2(self, y: Any, x: Any) -> Any:
        """Return the angle of a point."""
        turned = self.node("Atan", y / x) + self.choose(x < 0.0, self.choose(y < 0.0, -math.pi, math.pi), 0.0)
        return self.choose(x == 0.0, self.node("Sign", y) * (math.pi / 2.0), turned)

    def log1p(self, x: Any) -> Any:
        """Return log(1 + x), also for small x."""
        return self.choose(self.size(x) < 0.5, self.node("Atanh", x / (x + 2.0)) * 2.0, self.node("Log", x + 1.0))

    def word__cbrt(self, x: Any) -> Any:
        """Return a cube root."""
        return self.node("Sign", x) * self.node("Pow", self.size(x), 1.0 / 3.0)

    def word__erf(self, x: Any) -> Any:
        """Return the error function."""
        return self.node("Erf", x)

    def word__erfc(self, x: Any) -> Any:
        """Return 1 minus the error function."""
        return 1.0 - self.node("Erf", x)

    def word__gamma(self, x: Any) -> Any:
        """Refuse the gamma function."""
        raise OperationError("math.gamma and math.lgamma are not in ONNX: write the value in other functions of math")

    word__lgamma = word__gamma

    def word__power(self, x: Any, y: Any) -> Any:
        """Return a power."""
        return self.node("Pow", x, y)

    # --- the words of a source ------------------------------------------------------------------------------

    def word__differentiable(self, function: Any, slopes: Any) -> Any:
        """Return the function: a model has no derivatives."""
        return function

    def word__arrays(self, inputs: Any, parameters: Any) -> tuple[Any, Any]:
        """Return the inputs and the parameters."""
        return self.inputs, self.parameters

    def word__constants(self, numbers: Sequence[float], like: Any) -> Any:
        """Return constants."""
        return self.store(numbers)

    def word__index(self, columns: Sequence[int]) -> Any:
        """Return the places of columns."""
        return self.store(columns, whole=True)

    def word__where(self, condition: Any, x: Any, y: Any) -> Any:
        """Return one of two numbers."""
        return self.choose(condition, x, y)

    def word__at(self, x: Any, columns: Any) -> Any:
        """Return some columns."""
        return self.node("Gather", x, columns, rank=x.rank, axis=-1)

    def word__cut(self, x: Any, start: int, stop: int) -> Any:
        """Return neighbouring columns."""
        return self.node("Slice", x, *self._ends(start, stop, -1), rank=x.rank)

    def word__alike(self, *arrays: Any) -> tuple[Any, ...]:
        """Return the arrays: operations of ONNX spread them."""
        return arrays

    def word__join(self, *arrays: Any) -> Any:
        """Return arrays side by side."""
        rank = max(x.rank for x in arrays)
        found = [self.wide(x) if x.rank < rank else x for x in arrays]
        return self.node("Concat", *found, rank=rank, axis=-1)

    def word__window(self, x: Any, first: int, rows: int, distance: int, columns: int) -> Any:
        """Return a part of an array as a matrix."""
        part = self.shaped(self.word__cut(x, first, first + rows * distance), rows, distance)
        return self.word__cut(part, 0, columns)

    def word__grid(self, x: Any, rows: int, columns: int) -> Any:
        """Return an array as a matrix."""
        return self.shaped(x, rows, columns)

    def word__matrix(self, x: Any, weights: Any, start: Any) -> Any:
        """Return a product with a matrix."""
        out = self.node("MatMul", x, weights.T, rank=x.rank)
        return out if start is None else self.node("Add", out, start, rank=x.rank)

    def word__matrices(self, x: Any, weights: Any, start: Any, count: int) -> Any:
        """Return several products with the same matrix."""
        return self.shaped(self.word__matrix(self._folded(x, count), weights, start), *([0] if x.rank == 2 else []), -1)

    def _folded(self, x: Any, count: int) -> Any:
        return self.shaped(x, *([0] if x.rank == 2 else []), count, -1)

    def word__sums(self, x: Any, y: Any, count: int) -> Any:
        """Return sums of products."""
        folded = self._folded(x * y, count)
        return self.node("ReduceSum", folded, *self._ends(-1), rank=folded.rank - 1, keepdims=0)

    def word__gate(self, alive: Any, x: Any) -> Any:
        """Return the numbers: gates are for derivatives."""
        return x

    def word__spread(self, x: Any, inputs: Any) -> Any:
        """Return results with a row for each sample."""
        return self.wide(x)


def onnx_model(plan: Plan, parameters: Sequence[float]) -> bytes:
    """Return a plan as a model in ONNX's format.

    Args:
        plan: what to compute, without backward pass.
        parameters: their numbers.

    Raises:
        StepgradError: the package onnx is not installed.
        OperationError: an operation cannot be translated.
    """
    if find_spec("onnx") is None:
        raise StepgradError("a file of ONNX needs the package onnx: pip install onnx")
    import onnx

    graph = Graph(onnx, parameters)
    namespace: dict[str, Any] = {**graph.words}
    exec(compile(Source(plan).text("onnx", ""), "<program for ONNX>", "exec"), namespace)
    namespace["_masks"] = lambda *_: defaultdict(int)
    found = namespace["outputs"](None, None)
    graph.nodes.append(onnx.helper.make_node("Identity", [found.name], ["outputs"]))
    of = onnx.helper.make_tensor_value_info
    inputs = of("inputs", onnx.TensorProto.FLOAT, ["samples", len(plan.inputs)])
    outputs = of("outputs", onnx.TensorProto.FLOAT, ["samples", len(plan.roots)])
    made = onnx.helper.make_graph(graph.nodes, "program", [inputs], [outputs], graph.stored)
    model = onnx.helper.make_model(
        made, opset_imports=[onnx.helper.make_opsetid("", OPSET)], ir_version=FORMAT, producer_name="stepgrad"
    )
    onnx.checker.check_model(model, full_check=True)
    return model.SerializeToString()  # type: ignore[no-any-return]
