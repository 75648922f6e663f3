"""PyTorch's names for what nn has, and for what it has not: an error that names our way.

>>> import nn
>>> nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
Sequential(Layer(2 inputs, 3 neurons, linear), Activation(tanh), Layer(3 inputs, 1 neuron, linear); 13 parameters)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NoReturn

from engine import TABLE, Value
from engine.support.public import public_names
from engine.support.text import did_you_mean

from . import losses
from .errors import SettingError
from .modules import Layer, Module, Number

Loss = Callable[..., Value]

# What PyTorch has and nn has not, and what to write instead.
INSTEAD = {
    "Parameter": "a parameter is an engine.Value kept in an attribute of a Module",
    "ModuleList": "keep the modules in a plain list; a Module finds them there",
    "ParameterList": "keep the Values in a plain list; a Module finds them there",
    "ModuleDict": "keep the modules in a plain dict; a Module finds them there",
    "ParameterDict": "keep the Values in a plain dict; a Module finds them there",
    "functional": "functions of numbers are in engine, such as engine.relu, and losses in nn, such as nn.mse_loss",
    "optim": "optimisers are in nn itself: nn.SGD, nn.Adam, nn.AdamW, nn.RMSprop, nn.Adagrad",
    "init": "choose an initialisation with nn.Layer(..., init='he_uniform')",
    "utils": "clip gradients with nn.fit(..., shaping=nn.training.Shaping(clip_norm=1.0))",
    "DataLoader": "nn.fit(..., batch_size=...) makes batches; see nn.data",
    "no_grad": "it is engine.no_grad",
    "tensor": "numbers are engine.Value, in plain lists; engine.from_torch unrolls a computation of tensors",
    "Tensor": "numbers are engine.Value, in plain lists; engine.from_torch unrolls a computation of tensors",
    "NLLLoss": "nn.cross_entropy takes scores, with the logarithm of softmax inside",
    "Softmax": "nn.softmax(scores) is a function; nn.cross_entropy has it inside",
    "LogSoftmax": "nn.log_softmax(scores) is a function; nn.cross_entropy has it inside",
    "Flatten": "inputs are flat lists of numbers",
    "Identity": "leave it out, or write an activation of None",
}
UNROLLED = "Conv1d Conv2d ConvTranspose2d MaxPool2d AvgPool2d BatchNorm1d BatchNorm2d LayerNorm GroupNorm RNN LSTM GRU "
INSTEAD |= dict.fromkeys(
    f"{UNROLLED}Embedding Bilinear MultiheadAttention Transformer TransformerEncoderLayer".split(),
    "write it with Values in a Module, or have engine.from_torch unroll PyTorch's into scalars",
)


def refuse(name: str) -> NoReturn:
    """Raise the error for a name that nn has not.

    Raises:
        AttributeError: always; with what to write instead, for a name of PyTorch's.
    """
    known = public_names(__file__.replace("pytorch_names", "__init__"))
    instead = f": {INSTEAD[name]}" if name in INSTEAD else did_you_mean(name, known)
    raise AttributeError(f"module 'nn' has no attribute {name!r}{instead}")


class Activation(Module):
    """A module that applies an operation to each of its inputs, such as `ReLU`.

    Args:
        name: the name of an operation with one operand.
        parameters: of the operation, such as a slope.

    >>> Activation("relu")([-1.0, 2.0])
    [0.0, 2.0]
    """

    def __init__(self, name: str, **parameters: float) -> None:
        super().__init__()
        self.operation = TABLE[name].bind(**parameters)

    def forward(self, x: Sequence[Number] | Number) -> Any:
        """Return the operation of each input; of a single number, one."""
        return list(map(self.operation, x)) if isinstance(x, Sequence) else self.operation(x)

    def __repr__(self) -> str:
        return f"Activation({self.operation.symbol})"


def ReLU() -> Activation:
    """Return the module that applies relu to each input; so do the others their operations."""
    return Activation("relu")


def LeakyReLU(negative_slope: float = 0.01) -> Activation:
    """Return the module that applies leaky_relu to each input."""
    return Activation("leaky_relu", slope=negative_slope)


def ELU(alpha: float = 1.0) -> Activation:
    """Return the module that applies elu to each input."""
    return Activation("elu", alpha=alpha)


Tanh, Sigmoid, SiLU, GELU, Softplus = (
    partial(Activation, name) for name in ["tanh", "sigmoid", "silu", "gelu", "softplus"]
)
SELU, Mish, Softsign, Hardtanh = (partial(Activation, name) for name in ["selu", "mish", "softsign", "hardtanh"])


def Linear(in_features: int, out_features: int, bias: bool = True) -> Layer:
    """Return a layer without an activation; its weights are those that PyTorch's has for the same seed.

    Raises:
        SettingError: it is to have no biases.

    >>> Linear(2, 3)
    Layer(2 inputs, 3 neurons, linear)
    """
    if not bias:
        raise SettingError(
            "Linear(bias=False): layers of nn have biases; write a Module with nn.Value weights and engine.dot"
        )
    return Layer(in_features, out_features)


mse_loss, l1_loss = losses.mean_squared_error, losses.mean_absolute_error
huber_loss = smooth_l1_loss = losses.huber


def MSELoss() -> Loss:
    """Return `mean_squared_error`; so do the others their functions.

    >>> MSELoss()([Value(1.0)], [3.0]).data
    4.0
    """
    return losses.mean_squared_error


def HuberLoss(delta: float = 1.0) -> Loss:
    """Return `huber` with a delta."""
    return partial(losses.huber, delta=delta)


def L1Loss() -> Loss:
    """Return `mean_absolute_error`."""
    return losses.mean_absolute_error


def BCELoss() -> Loss:
    """Return `binary_cross_entropy`."""
    return losses.binary_cross_entropy


def BCEWithLogitsLoss() -> Loss:
    """Return `binary_cross_entropy_with_logits`."""
    return losses.binary_cross_entropy_with_logits


def CrossEntropyLoss() -> Loss:
    """Return `cross_entropy`."""
    return losses.cross_entropy
