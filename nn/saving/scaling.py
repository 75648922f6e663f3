"""The scaling of a model's modules in a saved state."""

from typing import Any

from ..errors import StateError
from ..modules import Module
from ..scaling import Moments, Scaling
from .document import at, check_names, check_type

PARTS = ("inputs", "targets")


def describe_scaling(model: Module) -> dict[str, Any]:
    """Return the scaling of each module that has one, by the name of the module."""
    return {
        name: {part: list(map(list, getattr(module.scaling, part))) for part in PARTS}
        for name, module in model.modules() if module.scaling
    }  # fmt: skip


def scaling_of(model: Module, found: dict[str, Any]) -> dict[Module, Scaling | None]:
    """Return the scaling of each module, from what `describe_scaling` returned; a wrong one is a `StateError`."""
    modules = dict(model.modules())
    read: dict[Module, Scaling | None] = dict.fromkeys(modules.values())
    with at("scaling"):
        check_names(found, {name: name for name in modules if name in found})
        for name, parts in found.items():
            with at(name or "the model"):
                check_type(parts, dict)
                check_names(parts, dict.fromkeys(PARTS))
                read[modules[name]] = Scaling(*(_moments(part, parts[part]) for part in PARTS))
                wanted = getattr(modules[name], "inputs", None)
                if wanted and wanted != len(parts["inputs"]):
                    raise StateError(f"inputs: there must be {wanted} pairs, not {len(parts['inputs'])}")
    return read


def set_scaling(model: Module, scaling: dict[Module, Scaling | None]) -> None:
    """Set the scaling of each module of a model."""
    for _, module in model.modules():
        if module.scaling != scaling[module]:
            module.scaling = scaling[module]


def _moments(name: str, pairs: Any) -> Moments:
    with at(name):
        check_type(pairs, list)
        for pair in pairs:
            check_type(pair, list)
            if len(pair) != 2:
                raise StateError(f"this must be a mean and a deviation, not {pair!r:.40}")
            for number in pair:
                check_type(number, float)
        return tuple((float(mean), float(spread)) for mean, spread in pairs)
