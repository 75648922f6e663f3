"""The command `stepgrad train`: train a network on a data set or on a CSV file, without writing a program."""

from __future__ import annotations

import argparse
import io
import os
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from engine.cli.command import JSON, Command, as_path, as_plain, notify, option, positive, print_json
from engine.support.files import check_folder, check_writable, write_whole
from engine.support.streams import say

if TYPE_CHECKING:
    from pathlib import Path

    from ..data import Dataset
    from ..modules import Module
    from . import History

# The names that the options take, so that the help needs to import no more than this module; a test compares them.
SETS = ("xor", "moons", "circles", "spirals", "blobs", "linear", "sine", "iris", "digits")
OPTIMISERS = ("SGD", "RMSprop", "Adagrad", "Adam", "AdamW")
LOSSES = (
    "mean_squared_error", "half_squared_error", "mean_absolute_error", "huber", "binary_cross_entropy",
    "binary_cross_entropy_with_logits", "hinge", "cross_entropy",
)  # fmt: skip
SCHEDULES = ("constant", "cosine", "linear", "one_cycle")
WRITTEN = ("model.json", "history.txt", "losses.png", "boundary.png", "curve.png")  # into the folder --out
BACKENDS = ("auto", "eager", "python", "native", "jax")
MAX_PARAMETERS = 1_000_000  # more take minutes for an epoch, and gigabytes
FEWEST_TO_SPLIT = 10  # samples


def _sizes(text: str) -> list[int]:
    if text == "0":
        return []
    sizes = [part.strip() for part in text.split(",")]
    if not all(part.isdecimal() and int(part) for part in sizes):
        raise argparse.ArgumentTypeError(f"layer sizes must be a comma-separated list such as 16,16, not {text!r}")
    return [int(part) for part in sizes]


def _columns(text: str) -> list[str]:
    """Return the names of columns, which commas separate; quotation marks stand around one with a comma in it."""
    import csv

    return [name.strip() for name in next(csv.reader([text], skipinitialspace=True), [])]


def _order(text: str) -> tuple[str, list[str]]:
    column, equals, texts = text.partition("=")
    if not equals or len(_columns(texts)) < 2:
        raise argparse.ArgumentTypeError(f"must be a column and its texts in order, such as size=S,M,L, not {text!r}")
    return column.strip(), _columns(texts)


def _delimiter(text: str) -> str:
    return {"tab": "\t", r"\t": "\t", "space": " "}.get(text, text)


def run(options: argparse.Namespace) -> int:
    """Train a network on a data set or on a CSV file.

    Inputs, and targets that are numbers, are standardised for the network; what is printed, and what the saved model
    takes and returns, are numbers like those of the data. Ctrl-C ends the training; the results so far are printed and
    written.
    """
    from .. import optimisers
    from ..errors import SettingError
    from ..modules import MLP
    from ..random import manual_seed
    from . import EarlyStopping, Shaping, fit
    from .outcome import measure

    whole = _data(options)
    train, held_out = _parts(whole, options)
    manual_seed(options.seed)
    is_single = whole.task == "regression" or (len(whole.classes) == 2 and options.loss != "cross_entropy")
    sizes = [*options.layers, 1 if is_single else len(whole.classes)]
    widths = [len(train.inputs[0]), *sizes]
    if (count := sum((before + 1) * after for before, after in pairwise(widths))) > MAX_PARAMETERS:
        remedy = "use smaller layers, fewer inputs or fewer classes"
        raise SettingError(f"--layers must give at most {MAX_PARAMETERS:,} parameters, not {count:,}; {remedy}")
    squashed = "sigmoid" if options.loss == "binary_cross_entropy" else None  # it takes probabilities
    model = MLP(len(train.inputs[0]), sizes, options.activation, squashed)
    optimiser = getattr(optimisers, options.optimiser)(model.parameters(), lr=options.lr)
    shaping = Shaping(options.l1, options.l2, options.clip_value, options.clip_norm)
    notify(whole.notes, OPTIONS)
    if not options.json:
        say(f"{whole}\n{model}")
    stops: EarlyStopping | int | None = options.patience
    if stops is None and held_out:
        stops = EarlyStopping(options.epochs)  # which only goes back to the best epoch
    history = fit(
        model, train, options.loss, optimiser, options.epochs, options.batch_size, held_out, backend=options.backend,
        schedule=options.schedule, shaping=shaping, early_stopping=stops, standardise=True,
    )  # fmt: skip
    outcome = measure(model, train, held_out, options.loss)
    if not options.json:
        say(history)
        say(outcome)
    if not outcome.is_better:
        notify([outcome.remedy])
    paths: Sequence[Path] = ()
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        paths = _written(options.out, model, optimiser, train, history, options.loss)
    if options.json:
        files = list(map(str, paths))
        print_json(
            options,
            {
                "data": str(whole),
                "notes": whole.notes,
                "model": str(model),
                **as_plain(history),
                "outcome": outcome,
                "files": files,
            },
        )
    else:
        for path in paths:
            say(path)
    return 130 if history.stopped == "interrupted" else int(history.stopped.startswith("the loss is"))


def check_out(options: argparse.Namespace) -> None:
    """Make sure, before the training, that its files can be written."""
    if options.out:
        check_folder(options.out)
        for name in WRITTEN if options.out.exists() else ():
            check_writable(options.out / name)


def _data(options: argparse.Namespace) -> Dataset:
    from .. import data
    from ..errors import DataError, SettingError

    if options.data in SETS:
        make: Callable[..., Dataset] = getattr(data, options.data)
        takes_seed = options.data not in ("xor", "iris", "digits")
        return make(seed=options.seed) if takes_seed else make()
    if options.data.endswith((".py", ".pyw")):
        raise SettingError(f"{options.data} is a program, not a table; name a .csv file or one of {', '.join(SETS)}")
    if not os.path.isfile(options.data):
        if os.path.splitext(options.data)[1] or os.path.dirname(options.data):
            raise DataError(f"there is no file {options.data}")
        raise SettingError(f"unknown data set {options.data!r}; name a .csv file or one of {', '.join(SETS)}")
    return data.csv(
        options.data, options.target, inputs=options.inputs, ignore=options.ignore, task=options.task,
        header=options.header, missing=options.missing, delimiter=options.delimiter, decimal=options.decimal,
        ordinal=dict(options.ordinal),
    )  # fmt: skip


def _parts(whole: Dataset, options: argparse.Namespace) -> tuple[Dataset, Dataset | None]:
    """Return the training data and the validation data."""
    if not options.validation or len(whole) < FEWEST_TO_SPLIT:
        return whole, None
    return whole.split(1.0 - options.validation, seed=options.seed)


def _written(
    folder: Path, model: Module, optimiser: Any, train: Dataset, history: History, loss: str | None
) -> Sequence[Path]:
    """Write the trained model, its history and plots into a folder, and return the files."""
    from ..saving.state import save_checkpoint
    from .objective import MIDDLE

    notes = {"features": list(train.features), "classes": list(train.classes)}
    save_checkpoint(folder / "model.json", model, optimiser, notes)
    write_whole(folder / "history.txt", f"{history}\n".encode())
    written = [folder / "model.json", folder / "history.txt"]
    if find_spec("matplotlib") and history.losses:
        from .. import losses, plots
        from ..plots.canvas import pyplot

        figures = {"losses.png": plots.losses(history)}
        if len(train.inputs[0]) == 2 and train.task == "classification":
            middle = MIDDLE.get(getattr(losses, loss), 0.5) if loss else 0.0
            figures["boundary.png"] = plots.boundary(model, train, middle)
        if len(train.inputs[0]) == 1 and train.task == "regression":
            figures["curve.png"] = plots.curve(model, train)
        for name, figure in figures.items():
            content = io.BytesIO()
            figure.savefig(content, dpi=150)
            write_whole(folder / name, content.getvalue())
            pyplot().close(figure)
            written.append(folder / name)
    return written


OPTIONS = (
    option("data", metavar="NAME|FILE.csv", help=f"a data set ({', '.join(SETS)}), or a file"),
    option("--target", metavar="COLUMN", help="the column of the file to predict: its name, or its number from 0 "
                      "(the last one that can be a target)"),
    option("--task", choices=("regression", "classification"),
                      help="whether the target is a number, or the name of a class (texts are classes)"),
    option("--inputs", metavar="COLUMNS", type=_columns, help="the columns to learn from, such as height,width (all)"),
    option("--ignore", metavar="COLUMNS", type=_columns, default=[], help="columns to leave out"),
    option("--ordinal", metavar="COLUMN=TEXTS", type=_order, action="append", default=[],
                      help="number these texts of a column in their order, as in size=S,M,L; may be repeated"),
    option("--missing", choices=("error", "drop", "mean"), default="mean",
                      help="where a cell of the file is empty: refuse the file, leave out the sample, or take the mean "
                           "of the column (mean)"),
    option("--header", action=argparse.BooleanOptionalAction,
                      help="whether the first row of the file has the names of the columns (found out)"),
    option("--delimiter", metavar="CHARACTER", type=_delimiter,
                      help="what separates the cells of the file, such as ';' or tab (found out)"),
    option("--decimal", choices=(".", ","), help="the decimal sign, where 1,234 could be two numbers (found out)"),
    option("--layers", metavar="SIZES", type=_sizes, default=[16],
                      help="hidden layers, such as 16,16; 0 for none (16)"),
    option("--activation", metavar="NAME", default="tanh", help="of the hidden layers (tanh)"),
    option("--loss", choices=LOSSES, metavar="NAME", help=f"{', '.join(LOSSES)} (chosen to suit the data)"),
    option("--optimiser", choices=OPTIMISERS, default="Adam", help="updates the weights (Adam)"),
    option("--lr", metavar="RATE", type=float, default=0.01, help="the learning rate (0.01)"),
    option("--schedule", choices=SCHEDULES, default="constant", help="how the rate changes (constant)"),
    option("--epochs", metavar="N", type=positive, default=100, help="passes over the training data (100)"),
    option("--batch-size", metavar="N", type=positive, default=32, help="samples in a step (32)"),
    option("--validation", metavar="SHARE", type=float, default=0.2,
                      help="share of the samples held out for validation (0.2)"),
    option("--patience", metavar="N", type=positive,
                      help="stop after N epochs without improvement; with validation samples, the parameters are in "
                           "any case those of the best epoch"),
    option("--clip-norm", metavar="SIZE", type=float, help="clip the norm of the whole gradient to SIZE"),
    option("--clip-value", metavar="SIZE", type=float, help="clip each gradient to SIZE"),
    option("--l1", metavar="X", type=float, default=0.0, help="factor of the penalty on the sizes of weights (0)"),
    option("--l2", metavar="X", type=float, default=0.0, help="factor of the penalty on the squares of weights (0)"),
    option("--seed", metavar="N", type=int, default=0, help="seed of weights, samples and their order (0)"),
    option("--backend", choices=BACKENDS, default="auto", help="what computes (auto)"),
    option("-o", "--out", metavar="DIR", type=as_path,
                      help="write the model and, with matplotlib, plots into this folder"),
    JSON,
)  # fmt: skip
EXAMPLES = (
    "stepgrad train moons",
    "stepgrad train digits --layers 32 --epochs 15 --lr 0.005",
    "stepgrad train spirals --layers 32,32 --activation relu --epochs 400 --out spirals",
    "stepgrad train flowers.csv --target species --patience 20 --out flowers",
)

train = Command("train", run, OPTIONS, EXAMPLES, has_target=False, check=check_out)
