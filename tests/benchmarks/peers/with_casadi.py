"""CasADi, https://web.casadi.org: expressions of scalars, differentiated once, run by its virtual machine or as C."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy

from tests.benchmarks.peers.arrays import Update
from tests.benchmarks.peers.base import LeftOut, Training
from tests.benchmarks.workloads import Functions, Gpt, Graph, Workload


def train(workload: Workload) -> Training:
    """Return the training by CasADi's virtual machine."""
    return Program(workload)


def train_by_c(workload: Workload) -> Training:
    """Return the training by C that CasADi generates and the machine's C compiler compiles."""
    if isinstance(workload, Graph):
        raise LeftOut("C compilers take minutes for functions of so many lines")
    if not shutil.which("cc"):
        raise LeftOut("it needs a C compiler: apt install gcc, or xcode-select --install")
    return Program(workload, _as_c)


class Program(Training):
    """Train a vector of numbers by a function that gives loss and gradient, through buffers.

    Args:
        translate: makes another function of CasADi's function.
    """

    def __init__(self, workload: Workload, translate: Any = lambda function: function) -> None:
        import casadi

        super().__init__(workload)
        if isinstance(workload, Gpt) and len(workload.names) > 1:
            raise LeftOut("each name would need a function of its own")
        p = casadi.SX.sym("p", len(workload.numbers))
        functions = Functions(
            lambda x: casadi.fmax(x, 0.0), casadi.exp, casadi.log, lambda xs: casadi.mmax(casadi.vertcat(*xs))
        )
        loss = workload.loss(casadi.vertsplit(p), functions, 0)
        function = casadi.Function("f", [p], [loss, casadi.densify(casadi.gradient(loss, p))])
        self.numbers = numpy.array(workload.numbers)
        self.loss, self.gradient = numpy.zeros(1), numpy.zeros(len(workload.numbers))
        self.update = Update(workload, {"p": self.numbers})
        self.function = translate(function)
        self.buffer, self.evaluate = self.function.buffer()
        self.buffer.set_arg(0, self.numbers.data)
        self.buffer.set_res(0, self.loss.data)
        self.buffer.set_res(1, self.gradient.data)

    def step(self) -> float:
        """Do one training step; return the loss."""
        self.evaluate()
        self.update({"p": self.gradient}, self.steps)
        self.steps += 1
        return float(self.loss[0])

    def gradients(self) -> list[float]:
        """Return the gradients that the next step would use."""
        self.evaluate()
        return [float(x) for x in self.gradient]


def _as_c(function: Any) -> Any:
    import casadi

    folder = Path(tempfile.mkdtemp())
    try:
        generator = casadi.CodeGenerator("f.c")
        generator.add(function)
        generator.generate(f"{folder}/")
        command = ["cc", "-O1", "-fPIC", "-shared", "-o", str(folder / "f.so"), str(folder / "f.c"), "-lm"]
        subprocess.run(command, check=True)
        return casadi.external("f", str(folder / "f.so"))
    finally:
        shutil.rmtree(folder)  # the library stays loaded
