"""One step of the chain rule, as a record for those who watch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from .ops import constant
from .value import Value


def called(node: Value) -> str:
    """Return what to call a node in a sentence: its label, else what made it and its number.

    >>> called(Value(2.0, "a")), called(Value(2.0) * 3.0)
    ('a', '[mul 6]')
    """
    if node.label or node.op is constant:
        return node.label or f"{node.data:.6g}"
    return f"[{node.op.name if node.op else 'leaf'} {node.data:.6g}]"


def place(node: Value) -> str:
    """Return what to add to a line about a node: where it was made, if that is known."""
    return f"  ({node.source.place})" if node.source else ""


@dataclass(frozen=True, slots=True)
class Backward:
    """Hold one step of the chain rule: what a node hands to one of its operands.

    Attributes:
        index: which step of the whole walk it is, counted from 0 at the first step of the forward pass.
        node: the node whose gradient is carried on.
        operand: the input of the node that receives.
        position: which input of the node that is; ``a * a`` has ``a`` at 0 and at 1.
        local: the local gradient: the derivative of the node by this input.
        upstream: the node's own gradient.
        before: the operand's gradient before the step.
    """

    kind: ClassVar[str] = "backward"

    index: int
    node: Value
    operand: Value
    position: int
    local: float
    upstream: float
    before: float

    @property
    def contribution(self) -> float:
        """What the step adds to the operand's gradient."""
        return self.local * self.upstream

    @property
    def after(self) -> float:
        """The operand's gradient after the step."""
        return self.before + self.contribution

    def told(self, called: Callable[[Value], str] = called) -> str:
        """Say the step in one line, with the nodes named as ``called`` names them."""
        return (
            f"backward  {called(self.node)} -> {called(self.operand)}: local {self.local:.6g} * upstream "
            f"{self.upstream:.6g} = {self.contribution:.6g}; grad {self.before:.6g} -> {self.after:.6g}"
            f"{place(self.node)}"
        )

    __str__ = told
