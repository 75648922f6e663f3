"""The file of a saved state: JSON of a known form, whose errors name the place.

It names its format and version, and contains

- ``model``: the description of the model's modules, or why the model cannot be made from the file;
- ``parameters``: the number of each parameter, by its name; a float is written so that it is read back exactly;
- for a model that was standardised ``scaling``: the means and deviations of its inputs and targets;
- in a checkpoint also ``optimiser``, ``random`` and ``notes``.
"""

import json
import math
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import NoneType
from typing import Any

from engine import StepgradError
from engine.support.files import write_whole
from engine.support.json_text import parse_json
from engine.support.text import listed

from ..errors import StateError

FORMAT, VERSION = "stepgrad", 1
FilePath = str | os.PathLike[str]
Types = type | tuple[type, ...]

TYPES = {bool: "true or false", int: "a whole number", float: "a number", str: "a text", list: "a list",
         dict: "a mapping by names"}  # fmt: skip
MODEL: dict[str, Types] = {"format": str, "version": int, "model": (dict, str), "parameters": dict,
                           "scaling": dict}  # fmt: skip
CHECKPOINT: dict[str, Types] = {**MODEL, "optimiser": dict, "random": dict, "notes": dict}


@contextmanager
def at(place: str) -> Iterator[None]:
    """Let errors begin with the place that they are about."""
    try:
        yield
    except StepgradError as error:
        raise StateError(f"{place}: {error}") from None


@contextmanager
def in_file(path: FilePath) -> Iterator[None]:
    """Let errors begin with the name of the file."""
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"the path of a file must be a text or a Path, not {type(path).__name__} {path!r:.60}")
    with at(os.fspath(path)):
        try:
            yield
        except RecursionError:
            raise StateError("this is nested too deeply for a saved state") from None


def write(path: FilePath, content: dict[str, Any]) -> None:
    """Write content as JSON, whole or not at all; what such files cannot contain is a `StateError`."""
    with in_file(path):
        text = json.dumps(_plain(content), indent=1)
    # Lists of plain items, and mappings of plain items in a list, are easier to read on one line.
    plain = r"(?m)(\[|^ +\{)\n *([^][{}]*)\n *([]}])"
    text = re.sub(plain, lambda found: found[1] + re.sub(r"\n *", " ", found[2]) + found[3], text)
    write_whole(path, f"{text}\n".encode())


def _plain(thing: Any) -> Any:
    """Return a thing with dicts and lists for all mappings and tuples; refuse what such files cannot contain."""
    if isinstance(thing, (Mapping, list, tuple)):
        found = {}
        for key, item in thing.items() if isinstance(thing, Mapping) else enumerate(thing):
            if isinstance(thing, Mapping):
                check_type(key, str)
            with at(key if isinstance(key, str) else f"[{key}]"):
                found[key] = _plain(item)
        return found if isinstance(thing, Mapping) else list(found.values())
    if isinstance(thing, int) and abs(thing) > 2**64:
        raise StateError("this whole number is too large")
    if isinstance(thing, float) and not math.isfinite(thing):
        raise StateError(f"{thing} is not a finite number, and only those can be saved")
    if not isinstance(thing, (int, float, str, NoneType)):
        raise StateError(f"{thing!r:.40} cannot be saved; only numbers, texts, lists and mappings can")
    return thing


def read(path: FilePath) -> dict[str, Any]:
    """Return the content of a file that was saved; a wrong name, type or number is a `StateError` that says where."""
    try:
        found = parse_json(Path(path).read_bytes())
    except ValueError as error:
        raise StateError(str(error)) from None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise StateError("not a saved state: this file was not written by nn.save")
    if found.get("version") != VERSION:
        raise StateError(f"the version of a saved state must be {VERSION}, not {found.get('version')!r:.40}")
    found.setdefault("scaling", {})  # which only models that were standardised have
    wanted = CHECKPOINT if len(found) > len(MODEL) else MODEL
    check_names(found, wanted)
    for name, types in wanted.items():
        with at(name):
            check_type(found[name], types)
            _plain(found[name])
    for name, number in found["parameters"].items():
        with at("parameters"), at(name):
            check_type(number, float)
    return found


def check_names(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    """Raise `StateError` if a mapping lacks names that it should have, or has others."""
    troubles = {"missing": [n for n in wanted if n not in found], "unknown": [n for n in found if n not in wanted]}
    if any(troubles.values()):
        raise StateError("; ".join(f"{trouble}: {listed(names)}" for trouble, names in troubles.items() if names))


def check_type(thing: Any, wanted: Types) -> None:
    """Raise `StateError` for a thing of another type; whole numbers count as numbers, but True and False do not."""
    every = wanted if isinstance(wanted, tuple) else (wanted,)
    types = (int, float) if wanted is float else every
    if not isinstance(thing, types) or (isinstance(thing, bool) and bool not in every):
        raise StateError(f"this must be {' or '.join(TYPES[one] for one in every)}, not {thing!r:.40}")
