"""Node: a number and how it was computed. `engine.value.Value` is a node with operators."""

from __future__ import annotations

from .operation import Operation, constant, leaf
from .recording.context import Note
from .recording.source import Source


class Node:
    """A number and how it was computed: one node of the graph of scalar operations.

    Attributes:
        data: the number, a float.
        grad: the derivative of the root of the last backward pass with respect to this node; None: not computed.
        op: the `Operation` that made the node; `leaf` for a number that the user gave, `constant` for a plain
            number in an expression.
        inputs: the operands, in order; ``a * a`` has ``a`` twice.
        local_grads: the derivative of this node with respect to each operand, at the numbers recorded.
        note: label, scope and source; see `engine.recording.context.Note`.
    """

    __slots__ = ("data", "grad", "inputs", "local_grads", "note", "op")

    data: float
    grad: float | None
    op: Operation
    inputs: tuple[Node, ...]
    local_grads: tuple[float, ...]
    note: Note | None

    @property
    def is_leaf(self) -> bool:
        """Whether the user gave this number."""
        return self.op is leaf

    @property
    def is_constant(self) -> bool:
        """Whether this is a plain number in an expression."""
        return self.op is constant

    @property
    def is_result(self) -> bool:
        """Whether an operation made this node, also inside `no_grad`, where it has no inputs."""
        return self.op is not leaf and self.op is not constant

    @property
    def label(self) -> str:
        """The name that the user gave the node, or an empty text."""
        return self.note.label if self.note else ""

    @label.setter
    def label(self, label: str) -> None:
        if not isinstance(label, str):
            raise TypeError(f"a label must be a text, not {type(label).__name__} {label!r}")
        self.note = (self.note or Note())._replace(label=label)

    @property
    def scope(self) -> tuple[str, ...]:
        """The names of the scopes that the node was made in, outermost first."""
        return self.note.scope if self.note else ()

    @property
    def source(self) -> Source | None:
        """The statement that made the node, where `record_source` was on."""
        return self.note.source if self.note else None

    __hash__ = object.__hash__

    def __repr__(self) -> str:
        grad = "not computed" if self.grad is None else f"{self.grad:.6g}"
        made = f", op={self.op.symbol!r}" if self.op is not leaf else ""
        label = f", label={self.label!r}" if self.label else ""
        source = f", source={self.source.place!r}" if self.source else ""
        return f"Value({self.data:.6g}, grad={grad}{made}{label}{source})"
