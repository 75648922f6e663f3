"""A capsule: a graph in a file, with its numbers, names and source lines, for every tool to open without the program.

It is JSON, one node a line, operands before results and the root last. A number is written so that it is read back to
the last bit; what JSON has no number for is a text (``"inf"``, ``"nan"``, ``"flat"``, ``"undefined"``). Operations
stand there by name. The content is data: nothing of it is run, and whatever does not fit is refused with its place.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path, PurePath, PureWindowsPath
from typing import Any, NamedTuple, TypeVar

from . import __version__
from .errors import CapsuleError
from .graph import require_value, topological_order
from .name import callers_variables
from .name import names as names_of
from .operation import TABLE, Operation, constant, leaf
from .recording.context import Note, gc_paused
from .recording.source import Source
from .slope import FLAT, UNDEFINED, Undefined
from .support.files import FilePath, write_whole
from .support.json_text import parse_json
from .support.text import did_you_mean, listed
from .value import Value, new

FORMAT, VERSION = "stepgrad graph", 1
MAX_NODES = 1_000_000
NUMBER = float, str, dict  # a number, a word for what JSON has no number for, or a derivative that does not exist
Fields = Mapping[str, type | tuple[type, ...]]
FILE: Fields = {"format": str, "version": int, "stepgrad": str, "sources": list, "nodes": list}
SOURCE: Fields = {"file": str, "line": int, "text": str, "function": str}
NODE: Fields = {
    "op": str, "parameters": dict, "inputs": list, "data": NUMBER, "local": list, "grad": NUMBER, "label": str,
    "scope": list, "source": int, "trained": bool, "recorded": NUMBER,
}  # fmt: skip
NEEDED = {"op", "data"}  # of a node
KINDS: dict[type, str] = {
    str: "a text", int: "a whole number", bool: "true or false", list: "a list", dict: "an object", float: "a number",
}  # fmt: skip
WORDS = {"inf": math.inf, "-inf": -math.inf, "nan": math.nan, "flat": FLAT, "undefined": UNDEFINED}
ENDS = {"leaf": leaf, "constant": constant}
T = TypeVar("T")


class Capsule(NamedTuple):
    """What is in a capsule."""

    root: Value
    parameters: list[Value] | None  # what is trained; None if that was not saved


def save_graph(
    root: Value, path: FilePath, names: Mapping[str, Any] | None = None, *, parameters: Iterable[Value] | None = None
) -> Path:
    """Save a graph to a file, a capsule, that `load_graph` and the commands of stepgrad open.

    It has all nodes with their numbers, gradients, local gradients, names, scopes and source lines (without the path to
    your program unless that is beside the file). Breakpoints are left out.

    Args:
        root: the Value, usually a loss.
        path: the file; it is written whole or not at all.
        names: variables, such as ``locals()``: a Value without a label gets that of its variable; by default those of
            the caller, with ``{}`` none.
        parameters: the Values that are trained, which drawings and pages mark.

    Returns:
        The path.

    Raises:
        CapsuleError: the graph has more than a million nodes, or an operation that is not in the table.
        GraphError: the graph has a cycle.
        OSError: the file cannot be written.

    >>> import tempfile
    >>> a, b = Value(2.0), Value(-3.0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     print(load_graph(save_graph(a * b, folder + "/graph.json", {"a": a, "b": b})).inputs)
    (Value(2, grad=not computed, label='a'), Value(-3, grad=not computed, label='b'))
    """
    require_value(root, "save_graph")
    given = callers_variables(names)
    write_whole(path, write_capsule(root, given, parameters, os.path.dirname(os.path.abspath(path))).encode())
    return Path(path)


def load_graph(path: FilePath) -> Value:
    """Return the root of a graph that `save_graph` saved.

    Raises:
        CapsuleError: the file is damaged, of another kind or of a newer version, or an operation is not in the
            table: register your own first.
        OSError: the file cannot be read.
    """
    return read_capsule(path).root


def read_capsule(path: FilePath) -> Capsule:
    """Return what is in a capsule; see `load_graph`."""
    try:
        return parse_capsule(Path(path).read_bytes(), os.path.dirname(os.path.abspath(path)))
    except CapsuleError as error:
        raise CapsuleError(f"{os.fspath(path)}: {error}") from None


# --- writing --------------------------------------------------------------------------------------------


def write_capsule(root: Value, variables: Mapping[str, Any], parameters: Iterable[Value] | None, folder: str) -> str:
    """Return a capsule as text, of a file that is to stand in a folder; for the arguments see `save_graph`."""
    order = topological_order(root)
    if len(order) > MAX_NODES:
        raise CapsuleError(f"a saved graph must have at most {MAX_NODES:,} nodes, not {len(order):,}")
    called = names_of(variables)
    trained = None if parameters is None else set(parameters)
    recorded = _recorded(root)
    place, sources = {node: i for i, node in enumerate(order)}, dict[Source, int]()
    lines, known = list[str](), set[tuple[Operation, int]]()
    for i, node in enumerate(order):
        fields: dict[str, Any] = {"op": node.op.name}
        if node.op.parameters:
            fields["parameters"] = {name: _written(x) for name, x in node.op.parameters.items()}
        if node.inputs:
            fields["inputs"] = [place[x] for x in node.inputs]
        fields["data"] = _written(node.data)
        if node.local_grads:
            fields["local"] = list(map(_written, node.local_grads))
        if node.grad is not None:
            fields["grad"] = _written(node.grad)
        if label := node.label or called.get(node, ""):
            fields["label"] = label
        if node.scope:
            fields["scope"] = node.scope
        if node.source:
            fields["source"] = sources.setdefault(node.source, len(sources))
        if trained is not None and node.is_leaf:
            fields["trained"] = node in trained
        if i < len(recorded) and repr(recorded[i]) != repr(node.data):
            fields["recorded"] = _written(recorded[i])
        if (node.op, len(node.inputs)) not in known:
            _operation(node.op.name, node.op.parameters, len(node.inputs))  # raises if it cannot be found again
            known.add((node.op, len(node.inputs)))
        lines.append(json.dumps(fields))
    about = {"format": FORMAT, "version": VERSION, "stepgrad": __version__}
    places = [json.dumps({**source._asdict(), "file": _shortened(source.file, folder)}) for source in sources]
    head = ", ".join(f"{json.dumps(name)}: {json.dumps(x)}" for name, x in about.items())
    return f'{{{head},\n"sources": {_lines(places)},\n"nodes": {_lines(lines)}}}\n'


def _lines(items: Sequence[str]) -> str:
    return "[\n" + ",\n".join(items) + "\n]" if items else "[]"


def _recorded(root: Value) -> Sequence[float]:
    """Return the numbers of the nodes without operands in the first backward pass, in order, if that is known."""
    kept = root.note and root.note.leaves
    return kept if kept is not None and root.inputs else ()


def _written(number: Any) -> Any:
    if number is FLAT:
        return "flat"
    if isinstance(number, Undefined):
        return {"undefined": number.reason} if number.reason else "undefined"
    return float(number) if math.isfinite(number) else str(float(number))


def _shortened(file: str, folder: str) -> str:
    """Return the path of a file from a folder if it is in it; else its name, which does not say where it is."""
    path = os.path.abspath(file)
    if os.path.exists(path) and path.startswith(os.path.join(folder, "")):
        return PurePath(os.path.relpath(path, folder)).as_posix()
    return PureWindowsPath(file).name if file[:1] != "<" else file


# --- reading --------------------------------------------------------------------------------------------


def parse_capsule(content: bytes, folder: str) -> Capsule:
    """Return what is in the content of a capsule, whose file stands in a folder.

    Raises:
        CapsuleError: it is not a capsule that can be read.
    """
    try:
        found = parse_json(content)
    except ValueError as error:
        raise CapsuleError(str(error)) from None
    except RecursionError:
        raise CapsuleError("this is nested too deeply for a saved graph") from None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        is_model = isinstance(found, dict) and found.get("format") == "stepgrad"
        remedy = "; it is a model or a checkpoint of nn, which nn.load or nn.load_checkpoint reads" if is_model else ""
        raise CapsuleError(f"not a saved graph: this file was not written by engine.save_graph{remedy}")
    if type(found.get("version")) is int and found["version"] > VERSION:
        raise CapsuleError(
            f"the file has version {found['version']} of saved graphs, and stepgrad {__version__} reads {VERSION}: it "
            f"was written by a newer stepgrad, {found.get('stepgrad')!r:.20}; update this one"
        )
    if found.get("version") != VERSION:
        raise CapsuleError(f"the version of a saved graph must be {VERSION}, not {found.get('version')!r:.40}")
    _check(found, FILE, FILE)
    sources = _each("sources", found["sources"], lambda source: _source(source, folder))
    if not 0 < len(found["nodes"]) <= MAX_NODES:
        raise CapsuleError(f"a saved graph must have from 1 to {MAX_NODES:,} nodes, not {len(found['nodes']):,}")
    reader = _Reader(sources)
    with gc_paused():
        nodes = _each("nodes", found["nodes"], reader.node)
        root = nodes[-1]
        order = topological_order(root)
    if len(order) < len(nodes):
        used = set(order)
        place = next(place for place, node in enumerate(nodes) if node not in used)
        raise CapsuleError(f"nodes[{place}]: the root, which is the last node, must be computed from each node")
    if reader.recorded:
        kept = [reader.recorded.get(node, node.data) for node in order if not node.inputs]
        root.note = (root.note or Note())._replace(leaves=kept)
    return Capsule(root, reader.trained)


def _each(name: str, entries: list[Any], read: Callable[[Any], T]) -> list[T]:
    """Return what is read of each entry of a list; let errors begin with its place."""
    found = []
    for place, entry in enumerate(entries):
        try:
            found.append(read(entry))
        except CapsuleError as error:
            raise CapsuleError(f"{name}[{place}]: {error}") from None
    return found


def _check(thing: Any, fields: Fields, needed: Iterable[str]) -> None:
    """Require an object with fields of the right kinds."""
    if not isinstance(thing, dict):
        raise CapsuleError(f"this must be an object, not {thing!r:.40}")
    for name, found in thing.items():
        if name not in fields:
            raise CapsuleError(f"unknown field {name!r:.40}{did_you_mean(name, fields)}")
        wanted = fields[name]
        if type(found) is int and wanted is NUMBER:
            continue
        if type(found) not in (wanted if isinstance(wanted, tuple) else (wanted,)):
            kind = "a number" if wanted is NUMBER else KINDS[wanted]  # type: ignore[index]
            raise CapsuleError(f"{name} must be {kind}, not {found!r:.40}")
    if missing := [name for name in needed if name not in thing]:
        raise CapsuleError(f"missing: {listed(sorted(missing))}")


def _number(found: Any) -> Any:
    """Return the number that a field says."""
    if type(found) is float and math.isfinite(found):
        return found
    if type(found) is str and found in WORDS:
        return WORDS[found]
    if type(found) is int and abs(found) <= 2**1023:
        return float(found)
    if type(found) is dict and list(found) == ["undefined"] and type(found["undefined"]) is str:
        return Undefined(found["undefined"]) if found["undefined"] else UNDEFINED
    raise CapsuleError(
        f"a number must be finite, or one of the texts {listed(WORDS, most=9, last='or')}, not {found!r:.40}"
    )


def _plain_number(found: Any) -> float:
    """Return the number that a field says; a derivative that does not exist is not one."""
    number: float = _number(found)
    if isinstance(number, Undefined):
        raise CapsuleError(f"this must be a number, not {found!r:.40}")
    return number


def _source(entry: Any, folder: str) -> Source:
    """Return where a node was made: the file beside the capsule if there is one of this name, else the name alone."""
    _check(entry, SOURCE, SOURCE)
    file, line = entry["file"], entry["line"]
    if not 0 < line < 2**31:
        raise CapsuleError(f"line must be from 1, not {line!r:.40}")
    parts = PureWindowsPath(file).parts  # both kinds of slashes; what leads out of the folder is not followed
    inner = os.path.join(folder, *parts)
    is_inside = bool(parts) and ".." not in parts and not PureWindowsPath(file).anchor and "\0" not in file
    if is_inside and os.path.isfile(inner):
        return Source(inner, *(entry[name] for name in ("line", "text", "function")))
    return Source(parts[-1] if parts else "?", line, entry["text"], entry["function"])


class _Reader:
    """A reader of the nodes of a capsule, one after the other.

    Attributes:
        trained: the leaves that are trained; None if no node says so.
        recorded: the numbers of leaves in the first backward pass, where they are others than now.
    """

    def __init__(self, sources: Sequence[Source]) -> None:
        self.trained: list[Value] | None = None
        self.recorded: dict[Value, float] = {}
        self._sources, self._nodes = sources, list[Value]()

    def node(self, entry: Any) -> Value:
        """Return the node that an entry describes."""
        _check(entry, NODE, NEEDED)
        places, locals_ = entry.get("inputs", []), entry.get("local", [])
        for place in places:
            if type(place) is not int or not 0 <= place < len(self._nodes):
                raise CapsuleError(f"inputs must be places of nodes before this one, not {place!r:.40}")
        if len(places) != len(locals_):
            raise CapsuleError(f"local must have a number for each of {len(places)} inputs, not {len(locals_)}")
        parameters = {name: _plain_number(x) for name, x in entry.get("parameters", {}).items()}
        node = new(Value)
        node.op = _operation(entry["op"], parameters, len(places))
        node.inputs = tuple(self._nodes[place] for place in places)
        node.data, node.local_grads = _plain_number(entry["data"]), tuple(map(_number, locals_))
        node.grad = _number(entry["grad"]) if "grad" in entry else None
        node.note = self._note(entry)
        if "recorded" in entry and not places:
            self.recorded[node] = _plain_number(entry["recorded"])
        if "trained" in entry:
            if self.trained is None:
                self.trained = []
            self.trained += [node] * entry["trained"]
        self._nodes.append(node)
        return node

    def _note(self, entry: dict[str, Any]) -> Note | None:
        scope, source = entry.get("scope", []), entry.get("source")
        if not all(type(name) is str and name for name in scope):
            raise CapsuleError(f"scope must be a list of names, not {scope!r:.40}")
        if source is not None and not 0 <= source < len(self._sources):
            raise CapsuleError(f"source must be the place of a source, not {source!r:.40}")
        made = None if source is None else self._sources[source]
        label = entry.get("label", "")
        return Note(label, tuple(scope), made) if label or scope or made else None


def _operation(name: str, parameters: Mapping[str, float], count: int) -> Operation:
    """Return an operation by its name, for a count of operands."""
    if name in ENDS:
        if count or parameters:
            raise CapsuleError(f"a {name} has neither inputs nor parameters")
        return ENDS[name]
    if name not in TABLE:
        near = did_you_mean(name, TABLE).replace("; ", ", or ", 1)
        known = "register it first if it is your own"
        raise CapsuleError(f"there is no operation {name!r:.60} in the table; {known}{near}")
    operation = TABLE[name]
    try:
        return operation.bind(**parameters).of(count) if count else operation.bind(**parameters)
    except TypeError as error:
        raise CapsuleError(str(error)) from None
