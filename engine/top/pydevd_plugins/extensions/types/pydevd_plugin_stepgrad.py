"""What pydevd, and so debugpy, VS Code and PyCharm, shows of a Value that is opened: its numbers and its inputs.

pydevd loads this module when a program is debugged, by its name and place:
https://github.com/fabioz/PyDev.Debugger/blob/main/_pydevd_bundle/pydevd_extension_utils.py
"""

from typing import Any

from _pydevd_bundle.pydevd_extension_api import TypeResolveProvider


class OpenedValue(TypeResolveProvider):
    """The rows below a Value: data, grad, operation, and each input with its local gradient."""

    def can_provide(self, kind: type, name: str) -> bool:
        """Return whether these are the rows for a class."""
        return any((each.__module__, each.__qualname__) == ("engine.value", "Value") for each in kind.__mro__)

    def get_dictionary(self, node: Any) -> dict[str, Any]:
        """Return the rows by name; the inputs can be opened in turn."""
        rows = {"data": node.data, "grad": node.grad, "operation": node.op.name}
        for place, (operand, local) in enumerate(zip(node.inputs, node.local_grads, strict=False), 1):
            name = f"input {place}" + f" ({operand.label})" * bool(operand.label)
            rows |= {name: operand, f"{name}: local gradient": local}
        return rows

    def resolve(self, node: Any, name: str) -> Any:
        """Return what a row shows."""
        return self.get_dictionary(node)[name]
