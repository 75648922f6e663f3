"""What PyTorch's tensors have and a Value has not, each with a word on what there is instead."""

from typing import Any

INSTEAD = {
    "register_hook": "v.backward(when=f) calls f with each step of the chain rule",
    "requires_grad_": "every leaf has a gradient; use a plain number for one that needs none",
    "retain_grad": "every node keeps its gradient",
    "grad_fn": "v.op is the operation that made it, v.inputs are its operands",
    "numpy": "v.data is the number",
    "clone": "copy.copy(v) copies a node, v + 0.0 makes a new one",
    "shape": "a Value is one number; lists of Values are plain lists",
    "sum": "a Value is one number; sum(values) adds up a list",
    "mean": "a Value is one number; write sum(values) / len(values)",
    "softmax": "a Value is one number; nn.softmax(values) takes a list",
}


class Elsewhere:
    """An attribute that is not there: reading it raises an error with a word on what is."""

    __slots__ = ("instead", "name")

    def __init__(self, name: str, instead: str) -> None:
        self.name, self.instead = name, instead

    def __get__(self, value: object, kind: type) -> Any:
        raise AttributeError(f"'Value' object has no attribute {self.name!r}: {self.instead}")
