"""Training steps by JAX: over all devices that it has, of one machine or several.

The program and the optimiser's rule become one compiled step. The parameters and the optimiser's states are on every
device; of each batch every device gets a part, and XLA adds up the gradients. The numbers between two steps stay on the
devices.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

from engine import Program, StepgradError
from engine.program.arrays.export import array_function
from engine.program.backend import Loop, Numbers, Rows, Update
from engine.program.plan import Plan
from engine.program.recordings import Recording
from engine.support.jax import in_float64

from ..checks import known
from ..errors import SettingError
from .backends import Eager, Gradients, Replayed, Sample
from .objective import Objective, in_use

DTYPES = ("float64", "float32")


class Devices:
    """The devices of a mesh, and how arrays lie on them.

    Args:
        mesh: a `jax.sharding.Mesh`, whose axes together split each batch; None takes all devices.
        dtype: ``"float64"``, as everywhere in stepgrad, or ``"float32"``.

    Raises:
        StepgradError: JAX is not installed.
        SettingError: the mesh is not one, or there is no such dtype.
    """

    def __init__(self, mesh: Any = None, dtype: str = "float64") -> None:
        if find_spec("jax") is None:
            raise StepgradError("backend='jax' needs JAX: pip install jax; for a GPU, pip install 'jax[cuda13]'")
        import jax
        import numpy

        self.jax, self.numpy, self.dtype = jax, numpy, known(dtype, list(DTYPES), "dtype")
        if mesh is None:
            mesh = jax.sharding.Mesh(numpy.array(jax.devices()), ("batch",))
        if not isinstance(mesh, jax.sharding.Mesh):
            raise SettingError(
                "mesh must be a jax.sharding.Mesh, such as jax.make_mesh((jax.device_count(),), ('batch',)), "
                f"not {mesh!r:.60}"
            )
        # Its axes are of the kind in which JAX itself lays out what is computed on the way.
        mesh = self.mesh = jax.sharding.Mesh(mesh.devices, mesh.axis_names)
        self.everywhere = jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec())
        self.split = jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec(mesh.axis_names))

    @contextmanager
    def computing(self) -> Iterator[None]:
        """Compute in the precision that was asked for, and say what to do where a device or a process is lost."""
        try:
            with in_float64(self.dtype == "float64"):
                yield
        except self.jax.errors.JaxRuntimeError as error:
            count = self.jax.process_count()
            lost = f"one of the {count} processes may be lost; start all of them again" if count > 1 else "start again"
            raise StepgradError(
                f"JAX could not take a step: {str(error).splitlines()[0]:.200}; {lost}, and resume from the last "
                "checkpoint with nn.load_checkpoint(path, model, optimiser)"
            ) from error

    def put(self, numbers: Any, is_split: bool = False, dtype: str = "") -> Any:
        """Return numbers, which all processes have, as an array on all devices, or split over them."""
        whole = self.numpy.asarray(numbers, dtype or self.dtype)
        sharding = self.split if is_split else self.everywhere
        return self.jax.make_array_from_callback(whole.shape, sharding, lambda part: whole[part])

    def rows(self, rows: Rows, size: int) -> tuple[Any, Any]:
        """Return rows, split over the devices, and the weight of each in a mean; those up to a size have none."""
        rest = size - len(rows)
        numbers = self.numpy.array([*rows, *[rows[0]] * rest], float).reshape(size, -1)
        return self.put(numbers, is_split=True), self.put(weights_of(len(rows), size), is_split=True)

    def padded(self, count: int) -> int:
        """Return the least multiple of the count of devices that is at least a count of rows."""
        return -(-count // int(self.mesh.size)) * int(self.mesh.size)


def weights_of(count: int, size: int) -> list[float]:
    """Return the weights in a mean of some rows, and of others up to a size, which have none."""
    return [1.0 / count] * count + [0.0] * (size - count)


def mean_of(program: Program) -> Callable[[Any, Any, Any], Any]:
    """Return a program as a function for JAX of parameters, rows and their weights: the mean of the losses."""
    import jax.numpy as np

    loss = array_function(Plan([program.loss], program.inputs, program.parameters, backward=False), "jax")

    def mean(parameters: Any, rows: Any, weights: Any) -> Any:
        return (np.where(weights > 0.0, loss(rows, parameters), 0.0) * weights).sum()

    return mean


class JaxLoop(Loop):
    """Training steps by JAX.

    Each batch has the same count of rows for JAX, which is a multiple of the count of devices: rows that are too many
    have the weight 0.
    """

    def __init__(self, devices: Devices, program: Program, update: Update, batch_size: int) -> None:
        self.devices, self.update, self.size = devices, update, devices.padded(batch_size)
        self._mean, self._rule = mean_of(program), array_function(update.plan, "jax", "outputs")
        with devices.computing():
            self._step = devices.jax.jit(self._take_one, donate_argnums=(0,))
            self._batches: list[tuple[Any, Any]] = []
            self._rows: Any = None
            self._state: dict[str, Any] = {}

    def _take_one(self, state: dict[str, Any], rows: Any, places: Any, weights: Any, rate: Any) -> tuple[Any, Any]:
        """Return the state after a step, and the loss before it; once a number is not finite, the state stays."""
        jax, np, split = self.devices.jax, self.devices.jax.numpy, self.devices.split
        batch = jax.lax.with_sharding_constraint(rows[places], split)
        loss, gradients = jax.value_and_grad(self._mean)(state["parameters"], batch, weights)
        inputs = np.stack([state["parameters"], gradients, *state["own"]], axis=-1)
        shared = np.concatenate([rate[None], state["shared"]])
        found = self._rule(inputs, shared)
        count = len(self.update.shared)
        columns = np.moveaxis(found, -1, 0)
        new = {"parameters": columns[count], "own": columns[count + 1 :], "shared": columns[:count, 0]}
        new["gradients"] = gradients
        sound = np.isfinite(loss) & state["sound"]
        for numbers in new.values():
            sound = sound & np.isfinite(numbers).all()
        kept = {name: np.where(sound, numbers, state[name]) for name, numbers in new.items()}
        everywhere = self.devices.everywhere
        kept["sound"] = sound
        kept = {name: jax.lax.with_sharding_constraint(x, everywhere) for name, x in kept.items()}
        return kept, jax.lax.with_sharding_constraint(np.where(sound, loss, np.nan), everywhere)

    def load_rows(self, rows: Rows) -> None:
        """Use these rows for the steps that follow."""
        with self.devices.computing():
            self._rows = self.devices.put(self.devices.numpy.array(rows, float).reshape(len(rows), -1))

    def load_batches(self, batches: Sequence[Sequence[int]]) -> None:
        """Use these batches."""
        with self.devices.computing():
            self._batches = []
            for batch in batches:
                rest = self.size - len(batch)
                places = self.devices.put([*batch, *[batch[0]] * rest], is_split=True, dtype="int32")
                self._batches.append((places, self.devices.put(weights_of(len(batch), self.size), is_split=True)))

    def load(self, numbers: Numbers) -> None:
        """Continue from these numbers."""
        devices, count = self.devices, len(numbers.parameters)
        own = devices.numpy.array(numbers.own, float).reshape(len(numbers.own), count)
        self._has_gradients = bool(numbers.gradients)
        gradients = numbers.gradients or [0.0] * count
        with devices.computing():
            self._state = {
                "parameters": devices.put(numbers.parameters), "own": devices.put(own),
                "shared": devices.put(numbers.shared), "gradients": devices.put(gradients),
                "sound": devices.put(True, dtype="bool"),
            }  # fmt: skip

    def numbers(self) -> Numbers:
        """Return the numbers after the last complete step."""
        with self.devices.computing():
            parameters, own, shared, gradients = (
                self.devices.numpy.asarray(self._state[name], float).tolist()
                for name in ("parameters", "own", "shared", "gradients")
            )
        return Numbers(parameters, own, shared, gradients if self._has_gradients else ())

    def take(self, first: int, rates: Sequence[float]) -> list[float]:
        """Take a step for each rate; return the losses up to a step whose numbers are not all finite."""
        losses = []
        with self.devices.computing():
            self._state["sound"] = self.devices.put(True, dtype="bool")
            for number, rate in enumerate(rates, first):
                batch = self._batches[number % len(self._batches)]
                self._state, loss = self._step(self._state, self._rows, *batch, self.devices.put(rate))
                losses.append(loss)
            found = [float(loss) for loss in losses]
        finite = next((i for i, loss in enumerate(found) if loss != loss), len(found))
        self._has_gradients = self._has_gradients or finite > 0
        return found[:finite]


class Jax(Replayed):
    """Records a graph for one sample, and takes steps with it by JAX, for all of which this is right.

    Args:
        subject: what is computed.
        devices: where.
    """

    def __init__(self, subject: Objective, devices: Devices) -> None:
        super().__init__(subject, "python", is_strict=True)
        self.devices, self.asked = devices, "jax"
        self._mean: tuple[Program, Any] | None = None  # the last one whose gradients were computed, and how
        self._known_outputs: tuple[Recording, Any] | None = None  # likewise of results

    @property
    def name(self) -> str:  # type: ignore[override]
        """What computes."""
        return "jax"

    def again(self, subject: Objective) -> Jax:
        """Return a backend of the same kind for something else."""
        return Jax(subject, self.devices)

    def loop(self, program: Program, update: Update, batch_size: int) -> Loop:
        """Return what takes training steps of at most so many rows."""
        return JaxLoop(self.devices, program, update, batch_size)

    def gradients(self, batch: Sequence[Sample]) -> tuple[float, Gradients]:
        """Return the mean of the losses of some samples, and the parameters' gradients."""
        recording = self.recording(batch[0])
        rows = self.rows(recording, batch) if recording else None
        if recording and rows is not None:
            program, devices = recording.program, self.devices
            if self._mean is None or self._mean[0] is not program:
                self._mean = program, devices.jax.jit(devices.jax.value_and_grad(mean_of(program)))
            with devices.computing():
                numbers, weights = devices.rows(rows, devices.padded(len(rows)))
                parameters = devices.put([leaf.data for leaf in program.parameters])
                loss, found = self._mean[1](parameters, numbers, weights)
                loss, every = float(loss), devices.numpy.asarray(found, float).tolist()
            if all(map(math.isfinite, (loss, *every))):
                reached = zip(program.parameters, every, program.reached, strict=True)
                gradients = {leaf: gradient if is_reached else None for leaf, gradient, is_reached in reached}
                return loss, {leaf: gradients.get(leaf) for leaf in self.subject.parameters()}
        return super().gradients(batch)

    def _outputs(self, recording: Recording) -> Any:
        """Return the results of a recording as a compiled function of rows and parameters, the same one each time."""
        if self._known_outputs is None or self._known_outputs[0] is not recording:
            program, devices = recording.program, self.devices
            plan = Plan(recording.results, program.inputs, program.parameters, backward=False)
            computed = array_function(plan, "jax", "outputs")
            self._known_outputs = recording, devices.jax.jit(computed, out_shardings=devices.everywhere)
        return self._known_outputs[1]

    def values(self, samples: Sequence[Sample]) -> Callable[[], list[list[float]]]:
        """Return a function that computes the subject in use for samples, with the parameters of the moment."""
        one_by_one, devices = Eager(self.subject).values(samples), self.devices
        with in_use(self.subject.model):
            recording = self.recording(samples[0])
            rows = self.rows(recording, samples) if recording else None
        if not recording or rows is None:
            return one_by_one
        program, compiled = recording.program, self._outputs(recording)
        with devices.computing():
            numbers, _ = devices.rows(rows, devices.padded(len(rows)))

        def compute() -> list[list[float]]:
            with devices.computing():
                parameters = devices.put([leaf.data for leaf in program.parameters])
                found = devices.numpy.asarray(compiled(numbers, parameters), float)
            whole = found[: len(samples)]
            return whole.tolist() if devices.numpy.isfinite(whole).all() else one_by_one()

        return compute
