"""Modules made of others, the lesson of dropout, and how a module prints itself as a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from engine import Value

from .checks import columns, counted, finite
from .errors import SettingError
from .modules import MLP, Layer, Module, Number
from .random import bernoulli


class Sequential(Module):
    """Compute modules one after the other.

    Its parts are called 0, 1, 2, ..., and ``model[0]`` is the first. Give layers names, so that pictures of the
    graph tell them apart.

    Args:
        modules: what is computed, the first first; each takes and returns a list of numbers.
        name: the name of its scope; without one, no scope is entered.

    Raises:
        SettingError: there are no modules, or one is none.

    >>> model = Sequential(Layer(2, 3, "tanh", "hidden"), Dropout(0.2), Layer(3, 1, name="out"))
    >>> model
    Sequential(Layer(2 inputs, 3 neurons, tanh), Dropout(0.2), Layer(3 inputs, 1 neuron, linear); 13 parameters)
    >>> type(model([0.5, 1.0])).__name__
    'Value'
    """

    def __init__(self, *modules: Module, name: str = "") -> None:
        super().__init__(name)
        if not modules:
            raise SettingError("Sequential takes modules, such as Sequential(Layer(2, 3), Layer(3, 1))")
        for module in modules:
            if not isinstance(module, Module):
                raise SettingError(f"Sequential takes modules, not {type(module).__name__} {module!r}")
        self.steps = list(modules)

    def parts(self) -> Iterator[tuple[str, Value | Module]]:
        """Yield the modules, by their numbers from 0."""
        return ((str(i), module) for i, module in enumerate(self.steps))

    def forward(self, x: Sequence[Number]) -> Value | list[Value]:
        """Return the output for a list of inputs: a Value for one output, a list for several."""
        outputs: Any = x
        for module in self.steps:
            outputs = module([outputs] if isinstance(outputs, Value) else outputs)
        return outputs[0] if not isinstance(outputs, Value) and len(outputs) == 1 else outputs  # type: ignore[no-any-return]

    def __getitem__(self, index: int) -> Module:
        return self.steps[index]

    def __len__(self) -> int:
        return len(self.steps)

    def __repr__(self) -> str:
        return f"Sequential({', '.join(map(repr, self.steps))}; {counted(len(self.parameters()), 'parameter')})"


class Dropout(Module):
    """Set each input to 0 by chance while training, and pass on all of them otherwise.

    A network that may lose any of its neurons cannot rely on a single one: it must say what it knows in several
    ways, and so it learns less of what is particular to its samples. Each input is dropped with probability p, and
    what is left is multiplied by 1 / (1 - p), so that its mean stays the same and nothing needs to change when the
    network is used: call ``model.eval()`` then, and ``model.train()`` to go on with training. The gradient of what
    was dropped is 0, and that of the rest is multiplied by the same factor. After N. Srivastava et al.,
    https://jmlr.org/papers/v15/srivastava14a.html.

    Args:
        p: how likely an input is dropped, from 0 to 1.
        name: the name of its scope; without one, no scope is entered.

    Raises:
        SettingError: p is no number from 0 to 1.

    >>> from nn import manual_seed
    >>> manual_seed(3)
    >>> dropout = Dropout(0.5)
    >>> dropout([1.0, 2.0, 3.0, 4.0])
    [2.0, 4.0, 0.0, 8.0]
    >>> dropout.eval()([1.0, 2.0, 3.0, 4.0])
    [1.0, 2.0, 3.0, 4.0]
    """

    def __init__(self, p: float = 0.5, name: str = "") -> None:
        super().__init__(name)
        self.p = finite(p, "the probability of Dropout", 0.0, 1.0)

    def forward(self, x: Sequence[Number]) -> list[Number]:
        """Return the inputs, while training each either multiplied by 1 / (1 - p) or by 0."""
        if not self.training or self.p == 0.0:
            return list(x)
        stays = 1.0 - self.p
        factors = [kept / stays if kept else 0.0 for kept in bernoulli(stays, len(x))]
        return [x_i * factor for x_i, factor in zip(x, factors, strict=True)]

    def __repr__(self) -> str:
        return f"Dropout({self.p:g})"


def flat(model: Module, taker: str) -> Iterator[Layer | Dropout]:
    """Yield the layers and dropouts that a network computes one after the other.

    Args:
        model: an MLP, a Layer, a Dropout, or a Sequential of these.
        taker: the function that takes it, for the message.

    Raises:
        SettingError: it has another module in it.

    >>> list(flat(Sequential(MLP(2, [3, 1]), Dropout(0.2)), "it"))
    [Layer(2 inputs, 3 neurons, relu), Layer(3 inputs, 1 neuron, linear), Dropout(0.2)]
    """
    if isinstance(model, MLP | Sequential):
        for _, part in model.parts():
            assert isinstance(part, Module)
            yield from flat(part, taker)
    elif isinstance(model, Layer | Dropout):
        yield model
    else:
        raise SettingError(f"{taker} takes MLP, Layer, Sequential and Dropout, but there is {model!r}")


def summary(model: Module) -> str:
    """Return a table of a module's parts and how many parameters each has.

    A parameter that is used in several parts counts in each of them, and once in the sum.

    >>> from nn import MLP
    >>> print(summary(MLP(2, [3, 1], activation="tanh")))
    part     module                             parameters
    layer 1  Layer(2 inputs, 3 neurons, tanh)            9
    layer 2  Layer(3 inputs, 1 neuron, linear)           4
    all      MLP                                        13
    """
    rows = [("part", "module", "parameters"), *_rows(model, "")]
    rows.append(("all", type(model).__name__, str(len(model.parameters()))))
    return "\n".join(columns(rows, right=[2]))


def _rows(module: Module, indent: str) -> Iterator[tuple[str, str, str]]:
    """Yield a row for each part; the neurons of a layer are not told of one by one."""
    for name, part in [] if isinstance(module, Layer) else module.parts():
        if isinstance(part, Module):
            inner = list(_rows(part, f"{indent}  "))
            what = type(part).__name__ if inner else repr(part)
            yield f"{indent}{name}", what, str(len(part.parameters()))
            yield from inner
        else:
            yield f"{indent}{name}", "", "1"
