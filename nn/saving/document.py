"""The file of a saved state: JSON of a known form, whose errors name the place.

It names its format and version, and has

- ``model``: the modules of this package that the model is made of, or why it cannot be made from the file;
- ``parameters``: the number of each parameter, by its name; a float is written so that it is read back exactly;
- in a checkpoint also ``optimiser``, ``random`` and ``notes``.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from engine import StepgradError, write_whole

from ..checks import listed
from ..errors import StateError

FORMAT, VERSION = "stepgrad", 1
LARGEST = 2**64  # no whole number of a saved state is larger

FilePath = str | os.PathLike[str]


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
    with at(os.fspath(path)):
        try:
            yield
        except RecursionError:
            raise StateError("this is nested too deeply for a saved state") from None


TYPES = {int: "a whole number", float: "a number", str: "a text", list: "a list", dict: "a mapping by names"}
MODEL: dict[str, type | tuple[type, ...]] = {"format": str, "version": int, "model": (dict, str), "parameters": dict}
CHECKPOINT: dict[str, type | tuple[type, ...]] = {**MODEL, "optimiser": dict, "random": dict, "notes": dict}


def write(path: FilePath, content: dict[str, Any]) -> None:
    """Write content as JSON, whole or not at all.

    Raises:
        StateError: there is something in it that is not kept in such files; the message says where.
        OSError: the file cannot be written.
    """
    with in_file(path):
        text = _json(content)
    write_whole(path, f"{text}\n".encode())


def _json(thing: Any, indent: str = "\n", inside_list: bool = False) -> str:
    """Return a thing in JSON that is easy to read.

    There is a line for each item of a mapping, and of a list if lists or mappings are in it; but one line is enough
    for a mapping inside a list that holds neither.
    """
    if thing is None or isinstance(thing, (bool, str)):
        return json.dumps(thing)
    if isinstance(thing, (int, float)):
        return json.dumps(_checked_number(thing))
    if not _is_container(thing):
        raise StateError(f"{thing!r:.40} cannot be kept, but numbers, texts, lists and mappings can")
    is_mapping = isinstance(thing, Mapping)
    nested = any(map(_is_container, thing.values() if is_mapping else thing))
    if is_mapping:
        lines = "" if inside_list and not nested else indent
        items = [f"{_key(key)}: {_json_at(key, value, f'{indent} ')}" for key, value in thing.items()]
        return _set(items, "{", "}", lines)
    items = [_json_at(f"[{i}]", value, f"{indent} ", inside_list=True) for i, value in enumerate(thing)]
    return _set(items, "[", "]", indent if nested else "")


def _key(key: Any) -> str:
    check_type(key, str)
    return json.dumps(key)


def _json_at(place: str, thing: Any, indent: str, inside_list: bool = False) -> str:
    with at(place):
        return _json(thing, indent, inside_list)


def _is_container(thing: Any) -> bool:
    return isinstance(thing, (Mapping, list, tuple))


def _set(items: list[str], opening: str, closing: str, indent: str) -> str:
    """Return items in brackets, each on a line of its own; without an indent, all on one."""
    if not items or not indent:
        return f"{opening}{', '.join(items)}{closing}"
    return f"{opening}{indent} {f',{indent} '.join(items)}{indent}{closing}"


def document(path: FilePath) -> dict[str, Any]:
    """Return what stands in a file that was saved, with the right names, types and numbers.

    Raises:
        StateError: it is damaged or of another kind; the message says where.
        OSError: the file cannot be read.
    """
    try:
        found = json.loads(Path(path).read_bytes().decode(), object_pairs_hook=_without_twins)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise StateError(f"{place}: {error.msg}; the file is damaged or cut short") from None
    except ValueError as error:
        raise StateError(f"this is no saved state: {error}") from None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise StateError("this is no file that nn.save wrote")
    if found.get("version") != VERSION:
        raise StateError(f"this is of version {found.get('version')!r:.40}, and here version {VERSION} is read")
    wanted = CHECKPOINT if len(found) > len(MODEL) else MODEL
    check_names(found, wanted)
    for name, types in wanted.items():
        with at(name):
            check_type(found[name], types)
            _check_numbers(found[name])
    for name, number in found["parameters"].items():
        with at("parameters"), at(name):
            check_type(number, float)
    return found


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"{next(name for name in names if names.count(name) > 1)!r} stands twice")
    return found


def check_names(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    """Refuse what has other names than it should have.

    Raises:
        StateError: names are missing or unknown.
    """
    missing, unknown = [n for n in wanted if n not in found], [n for n in found if n not in wanted]
    if missing or unknown:
        troubles = {"missing": missing, "unknown": unknown}
        raise StateError("; ".join(f"{trouble}: {listed(names)}" for trouble, names in troubles.items() if names))


def check_type(thing: Any, wanted: type | tuple[type, ...]) -> None:
    """Refuse what is of another type; whole numbers are numbers, but True and False are none.

    Raises:
        StateError: the type is wrong.
    """
    types = (int, float) if wanted is float else wanted
    if not isinstance(thing, types) or isinstance(thing, bool):
        names = " or ".join(TYPES[one] for one in (wanted if isinstance(wanted, tuple) else (wanted,)))
        raise StateError(f"this must be {names}, not {thing!r:.40}")


def _check_numbers(thing: Any) -> None:
    """Refuse numbers that are not finite or absurdly large, however deep they stand."""
    if isinstance(thing, (int, float)):
        _checked_number(thing)
    elif isinstance(thing, (dict, list)):
        for key, value in thing.items() if isinstance(thing, dict) else enumerate(thing):
            with at(key if isinstance(key, str) else f"[{key}]"):
                _check_numbers(value)


def _checked_number(number: float) -> float:
    if isinstance(number, int) and abs(number) > LARGEST:
        raise StateError("this whole number is too large")
    if not math.isfinite(number):
        raise StateError(f"{number} is no finite number, and only those are kept")
    return number
