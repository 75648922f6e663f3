"""On to JAX and back: the same network as a function of its parameters, with the same numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from engine import StepgradError

from ..composition import flat
from ..errors import SettingError, ShapeError
from ..modules import Layer, Module

# The settings in which JAX's functions of the same names are ours; see https://docs.jax.dev/en/latest/jax.nn.html.
ACTIVATIONS: dict[str, dict[str, Any]] = {
    "elu": {"alpha": 1.0},
    "gelu": {"approximate": False},
    "leaky_relu": {"negative_slope": 0.01},
    "relu": {},
    "sigmoid": {},
    "silu": {},
    "softplus": {},
    "tanh": {},
}

Arrays = list[tuple[Any, Any]]


def to_jax(model: Module) -> tuple[Callable[[Any, Any], Any], Arrays]:
    """Return a network as a pure function for JAX, and its parameters as arrays.

    ``apply(parameters, x)`` takes an array whose last dimension is the inputs, and returns one whose last dimension is
    the outputs. It can be given to ``jax.jit``, ``jax.grad`` and ``jax.vmap``. JAX computes in float32 unless
    ``jax.config.update("jax_enable_x64", True)`` has been called first.

    Args:
        model: an MLP, a Layer, or a Sequential of these and of Dropout, in evaluation mode where it has a Dropout.

    Returns:
        The function ``apply``; and for each layer its weights, of shape (inputs, outputs), and its biases.

    Raises:
        SettingError: it has a module or an activation for which JAX has none, or a Dropout that is at work.
        StepgradError: JAX is not installed.
    """
    try:
        import jax
    except ImportError:
        raise StepgradError("to_jax needs JAX: pip install jax") from None
    layers = _layers(model)
    functions = [_function(layer, jax) for layer in layers]
    parameters = [
        (
            jax.numpy.asarray([[neuron.weights[i].data for neuron in layer.neurons] for i in range(_inputs(layer))]),
            jax.numpy.asarray([neuron.bias.data for neuron in layer.neurons]),
        )
        for layer in layers
    ]

    def apply(parameters: Arrays, x: Any) -> Any:
        for (weights, biases), function in zip(parameters, functions, strict=True):
            x = function(x @ weights + biases)
        return x

    return apply, parameters


def from_jax(parameters: Sequence[tuple[Any, Any]], model: Module) -> None:
    """Give a network the numbers of arrays, such as those that were trained with JAX.

    Args:
        parameters: for each layer its weights, of shape (inputs, outputs), and its biases, as `to_jax` returns them.
        model: the network.

    Raises:
        SettingError: the model has a module that `to_jax` does not take.
        ShapeError: the arrays are not of the model's shape; nothing has changed.
    """
    layers = list(_layers(model, may_drop=True))
    rows = [(weights.tolist(), biases.tolist()) for weights, biases in parameters]
    shapes = [(len(weights), len(biases)) for weights, biases in rows]
    wanted = [(_inputs(layer), len(layer.neurons)) for layer in layers]
    if shapes != wanted or any(len(row) != len(biases) for weights, biases in rows for row in weights):
        raise ShapeError(f"from_jax takes arrays for layers of (inputs, outputs) {wanted}, not {shapes}")
    for layer, (weights, biases) in zip(layers, rows, strict=True):
        for place, neuron in enumerate(layer.neurons):
            neuron.bias.data = biases[place]
            for weight, row in zip(neuron.weights, weights, strict=True):
                weight.data = row[place]


def _layers(model: Module, may_drop: bool = False) -> list[Layer]:
    """Return the layers of a network; a Dropout is left out, if it may drop or does not."""
    found = []
    for part in flat(model, "to_jax"):
        if isinstance(part, Layer):
            found.append(part)
        elif part.training and not may_drop:
            raise SettingError(
                f"to_jax takes no {part!r} at work, since its functions know no chance: call model.eval()"
            )
    return found


def _inputs(layer: Layer) -> int:
    return len(layer.neurons[0].weights)


def _function(layer: Layer, jax: Any) -> Callable[[Any], Any]:
    """Return JAX's function for the activation of a layer."""
    name = layer.neurons[0].activation
    if name == "linear":
        return lambda x: x
    if name not in ACTIVATIONS:
        raise SettingError(f"to_jax knows no {name!r}; it knows linear, {', '.join(ACTIVATIONS)}")
    settings = ACTIVATIONS[name]
    return lambda x: getattr(jax.nn, name)(x, **settings)
