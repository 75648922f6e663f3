"""Neural networks on top of stepgrad's engine, with the definitions and the numbers of PyTorch.

>>> import nn
>>> nn.manual_seed(1)
>>> model = nn.MLP(2, [4, 1], activation="tanh")
>>> optimiser = nn.SGD(model.parameters(), lr=0.5)
>>> x, y = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0.0, 1.0, 1.0, 0.0]
>>> for step in range(200):
...     loss = nn.mean_squared_error([model(sample) for sample in x], y)
...     model.zero_grad()
...     loss.backward()
...     optimiser.step()
>>> loss < 0.05
True
"""

from typing import TYPE_CHECKING

try:
    from engine.support.public import import_on_first_use, public_names
except ModuleNotFoundError as error:  # pragma: no cover - tested in a fresh process
    import sys

    found = getattr(sys.modules.get("engine"), "__file__", "another module")
    raise ImportError(
        f"nn needs stepgrad's package 'engine', but {found} has the same name and is found before it; rename "
        "that file, or begin the program with `import stepgrad`, and use stepgrad.nn"
    ) from error

if TYPE_CHECKING:  # the list of public names; see `engine.support.public`
    from . import data as data
    from . import plots as plots
    from . import training as training
    from .errors import DataError as DataError
    from .errors import SettingError as SettingError
    from .errors import ShapeError as ShapeError
    from .errors import StateError as StateError
    from .exchange.jax import from_jax as from_jax
    from .exchange.jax import to_jax as to_jax
    from .exchange.onnx import to_onnx as to_onnx
    from .exchange.pytorch import from_torch as from_torch
    from .exchange.pytorch import to_torch as to_torch
    from .explanation import explain_layer as explain_layer
    from .explanation import summary as summary
    from .losses import binary_cross_entropy as binary_cross_entropy
    from .losses import binary_cross_entropy_with_logits as binary_cross_entropy_with_logits
    from .losses import cross_entropy as cross_entropy
    from .losses import half_squared_error as half_squared_error
    from .losses import hinge as hinge
    from .losses import huber as huber
    from .losses import log_softmax as log_softmax
    from .losses import mean_absolute_error as mean_absolute_error
    from .losses import mean_squared_error as mean_squared_error
    from .losses import softmax as softmax
    from .modules import MLP as MLP
    from .modules import Dropout as Dropout
    from .modules import Layer as Layer
    from .modules import Module as Module
    from .modules import Neuron as Neuron
    from .modules import Sequential as Sequential
    from .optimisers import SGD as SGD
    from .optimisers import Adagrad as Adagrad
    from .optimisers import Adam as Adam
    from .optimisers import AdamW as AdamW
    from .optimisers import Optimiser as Optimiser
    from .optimisers import Optimizer as Optimizer
    from .optimisers import RMSprop as RMSprop
    from .pytorch_names import ELU as ELU
    from .pytorch_names import GELU as GELU
    from .pytorch_names import SELU as SELU
    from .pytorch_names import BCELoss as BCELoss
    from .pytorch_names import BCEWithLogitsLoss as BCEWithLogitsLoss
    from .pytorch_names import CrossEntropyLoss as CrossEntropyLoss
    from .pytorch_names import Hardtanh as Hardtanh
    from .pytorch_names import HuberLoss as HuberLoss
    from .pytorch_names import L1Loss as L1Loss
    from .pytorch_names import LeakyReLU as LeakyReLU
    from .pytorch_names import Linear as Linear
    from .pytorch_names import Mish as Mish
    from .pytorch_names import MSELoss as MSELoss
    from .pytorch_names import ReLU as ReLU
    from .pytorch_names import Sigmoid as Sigmoid
    from .pytorch_names import SiLU as SiLU
    from .pytorch_names import Softplus as Softplus
    from .pytorch_names import Softsign as Softsign
    from .pytorch_names import Tanh as Tanh
    from .pytorch_names import huber_loss as huber_loss
    from .pytorch_names import l1_loss as l1_loss
    from .pytorch_names import mse_loss as mse_loss
    from .pytorch_names import smooth_l1_loss as smooth_l1_loss
    from .random import Generator as Generator
    from .random import bernoulli as bernoulli
    from .random import manual_seed as manual_seed
    from .random import rand as rand
    from .random import randn as randn
    from .random import random_state as random_state
    from .random import restore_random_state as restore_random_state
    from .random import shuffled as shuffled
    from .random import uniform as uniform
    from .saving.state import load as load
    from .saving.state import load_checkpoint as load_checkpoint
    from .saving.state import load_into as load_into
    from .saving.state import save as save
    from .saving.state import save_checkpoint as save_checkpoint
    from .training import fit as fit
    from .training import predict as predict

if not TYPE_CHECKING:  # so that type checkers read the list above, and refuse a name that is not in it
    __all__ = list(public_names(__file__))
    __getattr__, __dir__ = import_on_first_use(__name__, public_names(__file__), ".pytorch_names")
