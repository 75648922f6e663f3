"""Exchange with JAX: the same network as a function of its parameters, with the same numbers."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from engine import StepgradError

from ..errors import SettingError, ShapeError
from ..modules import Layer, Module
from .network import COUNTERPARTS, folded_layers, layers_of, operation_of, set_parameters

Arrays = list[tuple[Any, Any]]


def to_jax(model: Module) -> tuple[Callable[[Any, Any], Any], Arrays]:
    """Return a network as a pure function for JAX, and its parameters as arrays.

    ``apply(parameters, x)`` takes an array whose last dimension is the inputs, and returns one whose last dimension is
    the outputs. You can pass it to ``jax.jit``, ``jax.grad`` and ``jax.vmap``. JAX computes in float32 unless
    ``jax.config.update("jax_enable_x64", True)`` has been called first.

    Args:
        model: an MLP, a Layer, or a Sequential of these and of Dropout, in evaluation mode if it has a Dropout.

    Returns:
        The function ``apply``; and for each layer its weights, of shape (inputs, outputs), and its biases.

    Raises:
        SettingError: a module or an activation has no counterpart in JAX, or a Dropout is in training mode.
        StepgradError: JAX is not installed.
    """
    try:
        import jax
    except ImportError:
        raise StepgradError("to_jax needs JAX: pip install jax") from None
    functions: list[Callable[[Any], Any]] = []
    parameters: Arrays = []
    for part in folded_layers(model, "to_jax"):
        if isinstance(part, Layer):
            name, settings = operation_of(part, "to_jax")
            if name == "linear":
                functions.append(lambda x: x)
            else:
                theirs = COUNTERPARTS[name]
                function = getattr(jax.nn, theirs.function or name)
                functions.append(partial(function, **settings, **theirs.jax))
            weights = [[neuron.weights[i].data for neuron in part.neurons] for i in range(part.inputs)]
            biases = [neuron.bias.data for neuron in part.neurons]
            parameters.append((jax.numpy.asarray(weights), jax.numpy.asarray(biases)))
        elif part.training:
            remedy = "since JAX functions are deterministic: call model.eval()"
            raise SettingError(f"to_jax cannot export an active {part!r}, {remedy}")

    def apply(parameters: Arrays, x: Any) -> Any:
        for (weights, biases), function in zip(parameters, functions, strict=True):
            x = function(x @ weights + biases)
        return x

    return apply, parameters


def from_jax(parameters: Sequence[tuple[Any, Any]], model: Module) -> None:
    """Set the parameters of a network to the numbers in arrays, such as those that were trained with JAX.

    Args:
        parameters: for each layer its weights, of shape (inputs, outputs), and its biases, as `to_jax` returns them.
        model: the network; a scaling of it ends, since `to_jax` makes it part of the first and the last layer.

    Raises:
        SettingError: the model has a module that `to_jax` does not take.
        ShapeError: the shapes of the arrays are not those of the model's layers; nothing is changed then.
    """
    layers = [part for part in layers_of(model, "from_jax") if isinstance(part, Layer)]
    rows = [(weights.tolist(), biases.tolist()) for weights, biases in parameters]
    shapes = [(len(weights), len(biases)) for weights, biases in rows]
    wanted = [(layer.inputs, len(layer.neurons)) for layer in layers]
    if shapes != wanted or any(len(row) != len(biases) for weights, biases in rows for row in weights):
        raise ShapeError(f"from_jax needs arrays for layers of (inputs, outputs) {wanted}, not {shapes}")
    for _, module in model.modules():
        if module.scaling:
            module.scaling = None  # it is part of the arrays
    for layer, (weights, biases) in zip(layers, rows, strict=True):
        set_parameters(layer, zip(*weights, strict=True), biases)
