"""The libraries that are measured, each used as its users use it.

Adding one is an entry in `PEERS`: a function that takes a workload, any of `tests.benchmarks.workloads`, and returns
a `Training`, or raises `LeftOut`. A library of scalars needs nothing else than ``workload.loss(scalars, ...)``.
Libraries are imported by the functions, so that whichever is missing is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.benchmarks.peers import (
    microgpt_style,
    with_autograd,
    with_casadi,
    with_jax,
    with_micrograd,
    with_numpy,
    with_stepgrad,
    with_torch,
    with_xad,
)
from tests.benchmarks.peers.base import LeftOut, Training
from tests.benchmarks.workloads import Workload

__all__ = ["OURS", "PEERS", "QUICKEST", "LeftOut", "Peer", "Training"]


@dataclass(frozen=True)
class Peer:
    """How a library is used.

    Attributes:
        train: returns the training of a workload.
        module: what is imported; empty where there is no library.
        has_matrices: whether it computes with matrices, or finds them in scalars.
    """

    train: Callable[[Workload], Training]
    module: str = ""
    has_matrices: bool = False

    @property
    def distribution(self) -> str:
        """What pip calls the library."""
        return self.module.partition(".")[0]


OURS = "stepgrad, eager"  # what the others are compared with
QUICKEST = "stepgrad, native"  # or this, where eager mode takes no part
PEERS = {
    OURS: Peer(with_stepgrad.eager, "engine"),
    "stepgrad, program": Peer(with_stepgrad.program, "engine"),
    "stepgrad, native": Peer(with_stepgrad.native, "engine", has_matrices=True),
    "micrograd": Peer(with_micrograd.train, "micrograd.engine"),
    "Value as in microgpt": Peer(microgpt_style.train),
    "PyTorch, scalars": Peer(with_torch.scalars, "torch"),
    "PyTorch, matrices": Peer(with_torch.matrices, "torch", has_matrices=True),
    "PyTorch, matrices, 1 thread": Peer(with_torch.matrices_on_one_thread, "torch", has_matrices=True),
    "JAX, jit": Peer(with_jax.train, "jax", has_matrices=True),
    "HIPS autograd": Peer(with_autograd.train, "autograd", has_matrices=True),
    "CasADi, its VM": Peer(with_casadi.train, "casadi"),
    "CasADi, as C": Peer(with_casadi.train_by_c, "casadi"),
    "XAD": Peer(with_xad.train, "xad.adj_1st"),
    "NumPy, by hand": Peer(with_numpy.train, "numpy", has_matrices=True),
}
