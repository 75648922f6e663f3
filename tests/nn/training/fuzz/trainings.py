"""Random trainings: whatever backend computes, the numbers are those of eager, or an error says why not.

    python -m tests.nn.training.fuzz --cases 3000 --seed 0     # takes two minutes

A case is a seed; ``--case 17`` runs one and shows it in full. Exit status 1 means that numbers differed.
"""

import argparse
import collections
import math
import random
import struct
import traceback

import nn
from engine import Value, exp
from nn.training import EarlyStopping, Shaping

from . import callbacks, models, optimisers

REFUSED = "cannot replay this model|cannot take the steps of this optimiser"


class Own:
    """A loss with numbers that callbacks change, and a place for what they see."""

    def __init__(self, how):
        self.way, self.factor, self.seen, self.calls = getattr(Own, how), 1.0, [], 0

    def __call__(self, outputs, target):
        pairs = zip(outputs, target, strict=True) if isinstance(target, list) else [(outputs, target)]
        total = Value(0.0)
        for output, y in pairs:
            total = total + self.way(self, output, y)
        return total

    def squares(self, output, y):
        return self.factor * (output - y) ** 2

    def branching(self, output, y):
        error = output - y
        return error * error if error > 0.0 else -0.5 * error

    def counting(self, output, y):
        self.calls += 1
        return (output - y) ** 2 * (1.0 if self.calls % 5 else 2.0)

    def by_target(self, output, y):
        return (output - y) ** 2 if y > 0.5 else abs(output - y)

    def steep(self, output, y):
        return exp(self.factor * (output - y)) + (output - y) ** 4


def data(rng, outputs, own, is_long):
    count = rng.randrange(3, 9)
    inputs = [[rng.choice((0.5, -1.0, rng.gauss(0.0, 1.0))) for _ in range(2)] for _ in range(count)]
    if is_long:
        inputs = [x + [0.5] * (i % 2) for i, x in enumerate(inputs)]
    if rng.random() < 0.1:
        inputs = [[round(x_i) for x_i in x] for x in inputs]
    if outputs > 1:
        targets = [[rng.random() for _ in range(outputs)] for _ in range(count)]
        return (
            (inputs, targets) if own or rng.random() < 0.5 else (inputs, [rng.randrange(outputs) for _ in range(count)])
        )
    targets = [rng.random() for _ in range(count)]
    if not own and rng.random() < 0.4:
        targets = [rng.randrange(2) for _ in range(count)]
    if rng.random() < 0.03:
        targets[rng.randrange(count)] = math.nan
    if rng.random() < 0.03:
        inputs[0][0] = 1e200
    return inputs, targets


class Case:
    """One random training, made anew for each backend."""

    def __init__(self, seed):
        self.seed = seed

    def run(self, backend, nudge=0.0):
        """Return what happens with a backend: a dict of numbers, or the error."""
        rng = random.Random(f"training {self.seed}")
        nn.manual_seed(rng.randrange(1000))
        random.seed(rng.randrange(1000))
        models.reset()
        optimisers.reset()
        make = rng.choice(models.MODELS)
        model, parameters, box = make(rng)
        width = model.width if isinstance(model, nn.Module) else 1
        parameters[0].data += nudge
        optimiser = optimisers.some_optimiser(rng, parameters if rng.random() < 0.9 else parameters[1:] or parameters)
        how = rng.choice([name for name in vars(Own) if not name.startswith("_")])
        own = Own(how)
        is_own = rng.random() < 0.4
        given = data(rng, width, is_own, make is models.summing and rng.random() < 0.5)
        epochs = rng.randrange(2, 6)
        settings = {"epochs": epochs, "batch_size": rng.choice((None, 1, 2, 3)), "shuffle": rng.random() < 0.7}
        names = [make.__name__, getattr(box, "how", ""), f"{type(optimiser).__name__}", f"loss {how}" if is_own else ""]
        if is_own:
            settings["loss"] = own if rng.random() < 0.5 else lambda outputs, target: own(outputs, target)
        elif width == 1 and rng.random() < 0.3:
            settings["loss"] = rng.choice(("huber", "half_squared_error", "mean_absolute_error"))
        if rng.random() < 0.4:
            settings["shaping"] = rng.choice((
                Shaping(l2=0.1), Shaping(l1=0.05), Shaping(clip_value=0.05), Shaping(clip_norm=0.1),
                Shaping(l1=0.01, l2=0.02, clip_value=0.1, clip_norm=0.2),
            ))  # fmt: skip
            names.append(str(settings["shaping"]))
        if rng.random() < 0.3:
            counted = []
            settings["schedule"] = rng.choice((
                "cosine", "linear", "one_cycle", nn.training.step(3, 0.5), lambda i, n: 1.0 / (1.0 + i),
                lambda i, n: counted.append(i) or 1.0 / len(counted),
                lambda i, n: setattr(box, "scale", 1.0 - 0.5 * i / n) or 1.0,
            ))  # fmt: skip
            names.append("schedule")
        if rng.random() < 0.3:
            settings["validation"] = ([[0.3, -0.2], [0.1, 0.9]], given[1][:2])
        if rng.random() < 0.15:
            settings["early_stopping"] = EarlyStopping(1)
        if rng.random() < 0.2:
            settings["seed"] = 3
        settings["callbacks"] = []
        for _ in range(rng.choice((0, 1, 1, 1, 2))):
            name, callback = callbacks.some_callback(rng, box, own, epochs)
            names.append(name)
            settings["callbacks"].append(callback)
        self.name = ", ".join(filter(None, names))
        try:
            history = nn.fit(model, given, optimiser=optimiser, backend=backend, progress=False, **settings)
        except Exception as error:
            return {"error": type(error).__name__, "message": str(error), "trace": traceback.format_exc()}
        measured = [[e.loss, e.accuracy, e.validation_loss, e.validation_accuracy, e.rate] for e in history]
        return {
            "stopped": history.stopped, "counts": [len(history.losses), len(history)], "losses": history.losses,
            "rates": history.rates, "epochs": measured, "parameters": [p.data for p in parameters],
            "gradients": [p.grad for p in parameters], "lr": optimiser.lr, "seen": own.seen,
            "states": [sorted(state.items()) for state in optimiser.states],
            "random": [random.random(), nn.rand(), nn.randn()], "backend": history.backend,
        }  # fmt: skip


def flat(thing):
    if isinstance(thing, list | tuple):
        for part in thing:
            yield from flat(part)
    else:
        yield thing


def bits(thing):
    if isinstance(thing, float):
        return "nan" if thing != thing else struct.pack(">d", thing).hex()
    return repr(thing)


def is_close(a, b, tolerance):
    if isinstance(a, float) and isinstance(b, float):
        return a == b or (a != a and b != b) or abs(a - b) <= tolerance * max(1.0, abs(a), abs(b))
    return bits(a) == bits(b)


def difference(expected, found, is_exact, tolerance):
    """Return the first thing that differs, as a text; empty if nothing does."""
    for name in expected:
        if name in ("backend", "trace", "message"):
            continue
        one, other = list(flat(expected[name])), list(flat(found.get(name)))
        if len(one) != len(other):
            return f"{name}: {expected[name]} and {found.get(name)}"
        for place, (a, b) in enumerate(zip(one, other, strict=True)):
            if bits(a) != bits(b) and (is_exact or not is_close(a, b, tolerance)):
                return f"{name}[{place}]: {a!r} and {b!r}"
    return ""


def sensitivity(case, expected):
    """Return how much a rounding error at the beginning changes the numbers of eager."""
    nudged = case.run("eager", 1e-14)
    if "error" in nudged:
        return math.inf
    largest = 0.0
    for name in ("losses", "parameters", "gradients", "epochs", "states", "seen"):
        for a, b in zip(flat(expected[name]), flat(nudged[name]), strict=False):
            if isinstance(a, float) and isinstance(b, float) and math.isfinite(a) and math.isfinite(b):
                largest = max(largest, abs(a - b) / max(1.0, abs(a), abs(b)))
    return largest


def judged(case, expected, backend):
    """Return what is wrong with a backend, and what it did: the same, or an error."""
    found = case.run(backend)
    if "error" in found and "error" not in expected:
        refused = any(part in found["message"] for part in REFUSED.split("|"))
        if backend != "auto" and found["error"] == "SettingError" and refused:
            return "", "refused"
        return f"{found['error']}: {found['message']}\n{found['trace']}", "raised"
    if "error" in found and backend != "auto" and any(part in found["message"] for part in REFUSED.split("|")):
        return "", "refused"
    by_native = found.get("backend") == "native"
    trouble = difference(expected, found, not by_native, 1e-9)
    if trouble and by_native and difference(expected, found, False, 1e-9 + 1e6 * sensitivity(case, expected)) == "":
        trouble = ""
    return trouble, found.get("backend", "error")


def main(arguments=None):
    """Run random trainings, and print what differed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--case", type=int)
    parser.add_argument("--backends", default="auto,python,native")
    given = parser.parse_args(arguments)
    counts, wrong = collections.Counter(), collections.Counter()
    seeds = [given.case] if given.case is not None else range(given.seed, given.seed + given.cases)
    for seed in seeds:
        case = Case(seed)
        expected = case.run("eager")
        again = case.run("eager")
        if difference(expected, again, True, 0.0):
            wrong["eager differs from itself"] += 1
            print(f"case {seed} ({case.name}): eager differs from itself: {difference(expected, again, True, 0.0)}")
            continue
        if given.case is not None:
            print(case.name, expected.get("trace", expected.get("losses")), sep="\n")
        counts["eager raises" if "error" in expected else "eager trains"] += 1
        for backend in given.backends.split(","):
            trouble, how = judged(case, expected, backend)
            counts[f"{backend}: {how}"] += 1
            if trouble:
                wrong[backend] += 1
                print(f"case {seed}, {backend} ({case.name}): {trouble}", flush=True)
    for what, count in sorted(counts.items()):
        print(f"{count:>7,}  {what}")
    print(f"{sum(wrong.values()):>7,}  differ {dict(wrong) or ''}")
    return int(bool(wrong))
