"""The table of a module's parts."""

from __future__ import annotations

from collections.abc import Iterator

from engine.support.text import format_table

from .layers import Layer
from .modules import Module


def summary(model: Module) -> str:
    """Return a table of a module's parts and the number of parameters in each.

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
    return "\n".join(format_table(rows, "<<>"))


def _rows(module: Module, indent: str) -> Iterator[tuple[str, str, str]]:
    """Yield a row for each part; the neurons of a layer are not listed."""
    for name, part in [] if isinstance(module, Layer) else module.parts():
        if isinstance(part, Module):
            inner = list(_rows(part, f"{indent}  "))
            yield f"{indent}{name}", type(part).__name__ if inner else repr(part), str(len(part.parameters()))
            yield from inner
        else:
            yield f"{indent}{name}", "", "1"
