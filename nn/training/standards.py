"""Standards: the scaling between samples and a network that learns from them in numbers near 1."""

from collections.abc import Sequence

from ..errors import SettingError
from ..modules import Module, Neuron
from ..scaling import Moments, Scaling, moments
from .objective import FOR_NUMBERS, Core, Loss, Samples


class Standards:
    """The scaling of samples for a model, which keeps it.

    Args:
        model: keeps a scaling that it has already, because its parameters belong to it.
        every: the samples whose means and deviations are taken otherwise, and others to be scaled alike.

    Attributes:
        core: the model without its scaling, which takes the scaled samples.
        unit: by what losses of scaled targets are multiplied to be those of the original ones; None if no factor does
            that.

    Raises:
        SettingError: the model is not a Module, which could keep the scaling.
        ShapeError: inputs differ in length, or are not finite.
    """

    def __init__(self, model: object, every: Sequence[Samples]) -> None:
        if not isinstance(model, Module):
            raise SettingError(f"standardise=True needs a Module, which keeps the scaling, not {model!r:.60}")
        self.model, self.every, self.core = model, every, Core(model)
        self.unit: float | None = 1.0
        first = every[0]
        self.scaling = model.scaling or Scaling(moments(first.inputs, f"the inputs of {first.what}"))
        for samples in every:
            samples.standardise(Scaling(self.scaling.inputs))

    def scale_targets(self, loss: Loss) -> None:
        """Scale the targets, after `fit_to`, if they are numbers and the last layer has no activation."""
        targets = self.scaling.targets or self._targets(loss)
        if not targets:
            return
        self.scaling = Scaling(self.scaling.inputs, targets)
        for samples in self.every:
            samples.standardise(self.scaling)
        spreads = {spread or 1.0 for _, spread in targets}
        power = FOR_NUMBERS.get(loss, 0)
        self.unit = spreads.pop() ** power if power and len(spreads) == 1 else None

    def keep(self) -> None:
        """Let the model scale its inputs and outputs from now on."""
        self.model.scaling = self.scaling

    def _targets(self, loss: Loss) -> Moments:
        neurons = [module for _, module in self.model.modules() if isinstance(module, Neuron)]
        is_bounded = bool(neurons) and neurons[-1].function is not None
        samples = self.every[0]
        if loss not in FOR_NUMBERS or samples.classes is not None or is_bounded:
            return ()
        rows = [each if isinstance(each, list) else [each] for each in samples.targets]
        return moments(rows, f"the targets of {samples.what}")
