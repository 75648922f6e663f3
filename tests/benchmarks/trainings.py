"""Steps per second of trainings by each backend: ``python -m tests.benchmarks.trainings``.

Each training is run once to build and compile what it needs, and then for a second, with every step a new batch.
Measure on a machine that does nothing else, and say what it is: a table belongs to its processor and its devices.
"""

import argparse
import os
import time
from collections.abc import Callable
from importlib.util import find_spec
from random import Random
from typing import Any, NamedTuple

import nn
from demos import names

BACKENDS = ("eager", "python", "native", "jax", "jax float32")


LETTERS = 8  # that the GPT reads of a name


class Case(NamedTuple):
    """A training: its model, its data, its batches, and whether a step takes seconds where Python takes it."""

    name: str
    model: Callable[[], nn.Module]
    data: Callable[[], Any]
    batch: int
    loss: Any = None
    is_long: bool = False


class NamesLoss(nn.Module):
    """The loss of the GPT of `demos.names` as a module: it takes a name as numbers, so that one recording fits all."""

    def __init__(self, tokens: int) -> None:
        super().__init__()
        self.tokens, self.gpt = tokens, names.GPT(tokens, Random(42), context=LETTERS)

    def forward(self, x: Any) -> Any:
        """Return the loss for the letters that are read and that are to come, all one-hot, and the weights."""
        starts = range(0, 2 * LETTERS * self.tokens, self.tokens)
        letters = [x[start : start + self.tokens] for start in starts]
        return names.loss_of(self.gpt, letters[:LETTERS], letters[LETTERS:], x[-LETTERS:])


def names_as_numbers() -> tuple[list[list[float]], list[float]]:
    """Return some names as a `NamesLoss` takes them; it has the targets in it already."""
    known = names.read_names(names.NAMES)
    alphabet, rows = names.Alphabet(known), []
    for name in known[:64]:
        read, to_come, weights = names.lesson(alphabet.tokens(name), LETTERS)
        left = [0] * (LETTERS - len(read))
        tokens = *read, *left, *to_come, *left
        rows.append([float(at == token) for token in tokens for at in range(alphabet.edge + 1)] + [*weights, *left])
    return rows, [0.0] * len(rows)


def network(*sizes: int) -> Callable[[], nn.Module]:
    """Return what makes a network of these sizes."""
    return lambda: nn.MLP(sizes[0], list(sizes[1:]), activation="relu")


def made_up(inputs: int, samples: int) -> tuple[list[list[float]], list[int]]:
    """Return samples of random numbers, of ten classes."""
    draw = nn.random.Generator(1)
    return [[draw.uniform(0.0, 1.0) for _ in range(inputs)] for _ in range(samples)], [i % 10 for i in range(samples)]


CASES = [
    Case("moons, MLP 2-16-16-1, batch 50", network(2, 16, 16, 1), lambda: nn.data.moons(200, seed=1), 50),
    Case("digits, MLP 64-32-10, batch 64", network(64, 32, 10), nn.data.digits, 64),
    Case("MLP 784-128-10, batch 64", network(784, 128, 10), lambda: made_up(784, 2048), 64, is_long=True),
    Case(f"names GPT, {LETTERS} letters, batch 1", lambda: NamesLoss(27), names_as_numbers, 1,
         loss=lambda loss, target: loss, is_long=True),
]  # fmt: skip


def steps_per_second(case: Case, backend: str, seconds: float = 1.0) -> float:
    """Return how many steps a training takes in a second, after what is computed once."""
    nn.manual_seed(1)
    model, data = case.model(), case.data()
    name, _, dtype = backend.partition(" ")
    settings: dict[str, Any] = {"backend": name, "batch_size": case.batch, "progress": False}
    if dtype:
        settings["dtype"] = dtype
    start, taken, begun = 0.0, 0, 0

    def note(run: nn.training.Run) -> None:
        nonlocal start, taken, begun
        now, taken = time.perf_counter(), len(run.history.losses)
        if not start:
            start, begun = now, taken
        elif now - start > seconds:
            run.stop("it is measured")

    optimiser = nn.Adam(model.parameters(), lr=0.001)
    nn.fit(model, data, case.loss, optimiser=optimiser, epochs=1_000_000, callbacks=[note], **settings)
    return (taken - begun) / (time.perf_counter() - start)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Print the steps per second of trainings by each backend.")
    parser.add_argument("word", nargs="?", default="", help="measure only what has this in its name")
    parser.add_argument("--seconds", type=float, default=1.0, help="how long to measure each")
    parser.add_argument("--backends", nargs="+", choices=BACKENDS, default=BACKENDS)
    parser.add_argument("--devices", type=int, default=1, help="how many devices of JAX to simulate on this processor")
    options = parser.parse_args()
    if options.devices > 1:  # JAX reads it when it is imported
        os.environ["XLA_FLAGS"] = f"--xla_force_host_platform_device_count={options.devices}"
    backends = [name for name in options.backends if not name.startswith("jax") or find_spec("jax")]
    print("| steps a second |", " | ".join(backends), "|")
    print("|---|" + "---:|" * len(backends))
    for case in (case for case in CASES if options.word in case.name):
        print(f"| {case.name} |", end="", flush=True)
        for backend in backends:
            is_left_out = backend in ("eager", "python") and case.is_long
            found = "" if is_left_out else f"{steps_per_second(case, backend, options.seconds):,.4g}"
            print(f" {found} |", end="", flush=True)
        print()


if __name__ == "__main__":
    main()
