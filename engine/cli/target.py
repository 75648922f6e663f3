"""What a command is about: a Value of a program that is run, or of an expression."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import chdir, contextmanager
from pathlib import Path
from traceback import StackSummary, TracebackException
from types import ModuleType
from typing import Any, NamedTuple, TypeVar

from .. import leaves, names, parse, record_source
from ..errors import StepgradError
from ..recording.source import HOUSE
from ..support.text import near_misses
from ..value import Value

PARAMETERS = "parameters", "params"  # what programs call a list of what is trained
MOST_NAMED = 12  # of what there is, where something is not
T = TypeVar("T")


class Target(NamedTuple):
    """Hold what a call is about: a Value, and the variables of the program that made it."""

    root: Value
    variables: Mapping[str, Any]

    @property
    def parameters(self) -> list[Value] | None:
        """What the program trains: the parameters of its models, and its list of them; None where it has neither."""
        things = self.variables.values()
        models = [x for x in things if callable(getattr(x, "parameters", None)) and not isinstance(x, type)]
        groups = [list(model.parameters()) for model in models] + [self.variables.get(name) for name in PARAMETERS]
        return list(names({"parameters": groups})) or None

    def inputs(self, named: str | None) -> list[Value]:
        """Return the leaves of the graph: all, or those named in a list with commas."""
        inputs = leaves(self.root)
        if not named:
            return inputs
        known = {leaf.label: leaf for leaf in inputs if leaf.label}
        wanted = {chosen(name.strip(), known, "the Value", "input").label for name in named.split(",")}
        return [leaf for leaf in inputs if leaf.label in wanted]  # in a network many are called w0


def load(target: str, numbers: Mapping[str, float]) -> Target:
    """Return what a target names; Values without a label get the names of the program's variables.

    Args:
        target: ``FILE.py``, ``FILE.py:NAME`` or an expression.
        numbers: a number for each name in the expression.

    Raises:
        StepgradError: there is no such file or Value, the program failed, or the expression is wrong.
        OSError: the file cannot be read.

    >>> load("tanh(a*b)", {"a": 2.0, "b": 0.0}).root
    Value(0, grad=not computed, op='tanh')
    """
    program = re.fullmatch(r"(.+\.pyw?)(?::(.*))?", target, re.DOTALL)
    if not program:
        return Target(parse(target, **numbers), {})
    file, name = Path(program[1]), program[2]
    if numbers:
        raise StepgradError(f"numbers such as {next(iter(numbers))}=... are for expressions; {file} has its own")
    variables = run_program(_found(file))
    for value, its_name in names(variables).items():
        value.label = value.label or its_name
    root = _last_root(file, variables) if name is None else _named(file, variables, name)
    return Target(root, variables)


def function_of(file: Path, name: str) -> Callable[[Any], object]:
    """Return a function of somebody's program."""
    variables = run_program(_found(file))
    known: dict[str, Callable[[Any], object]] = {
        each: thing for each, thing in variables.items() if callable(thing) and not each.startswith("_")
    }
    return chosen(name, known, str(file), "function")


def _found(file: Path) -> Path:
    if not file.is_file():
        raise StepgradError(f"there is no file {file}")
    return file


def run_program(file: Path) -> dict[str, Any]:
    """Run a program as Python would, and return its variables."""
    module = ModuleType("__main__")
    module.__file__ = str(file)
    text = file.read_bytes()
    try:
        code = compile(text, str(file), "exec", dont_inherit=True)
        with _as_program(file, module), chdir("."), record_source():
            exec(code, vars(module))
    except SystemExit as end:
        if end.code:
            raise StepgradError(f"{file} ended itself with sys.exit({end.code!r})") from None
    except BrokenPipeError:  # nobody reads on what it prints
        raise
    except Exception as error:
        raise StepgradError(f"{file} failed:\n{_told(error)}") from error
    return vars(module)


@contextmanager
def _as_program(file: Path, module: ModuleType) -> Iterator[None]:
    """Let a module be the program that is running, as far as it can see."""
    arguments, path, main_module = sys.argv, sys.path, sys.modules["__main__"]
    try:
        sys.argv, sys.path, sys.modules["__main__"] = [str(file)], [str(file.resolve().parent), *path], module
        yield
    finally:
        sys.argv, sys.path, sys.modules["__main__"] = arguments, path, main_module


def _told(error: Exception) -> str:
    """Return a traceback without the frames that are not the reader's."""
    told = TracebackException.from_exception(error)
    told.stack = StackSummary.from_list([frame for frame in told.stack if not frame.filename.startswith(HOUSE)])
    return "".join(told.format(chain=False)).rstrip()


def _named(file: Path, variables: Mapping[str, Any], name: str) -> Value:
    thing = variables.get(name)
    if isinstance(thing, Value):
        return thing
    if name in variables:
        raise StepgradError(f"{name} of {file} is no Value but {type(thing).__name__} {thing!r:.60}")
    return chosen(name, {its_name: value for value, its_name in names(variables).items()}, str(file), "Value")


def chosen(name: str, known: Mapping[str, T], where: str, kind: str) -> T:
    """Return the thing of this name, or say which names there are."""
    if name in known:
        return known[name]
    others = ", ".join(list(known)[:MOST_NAMED]) + ", ..." * (len(known) > MOST_NAMED) or "none"
    near = near_misses(name, known) or f": there are {others}" if known else ": there is none"
    raise StepgradError(f"{where} has no {kind} named {name!r}{near}")


def _last_root(file: Path, variables: Mapping[str, Any]) -> Value:
    """Return the last Value that no other is computed from; rather a result than a lone number."""
    values = {thing: name for name, thing in variables.items() if isinstance(thing, Value)}
    inside: set[Value] = set()
    waiting = [operand for value in values for operand in value.inputs]
    while waiting:
        node = waiting.pop()
        if node not in inside:
            inside.add(node)
            waiting.extend(node.inputs)
    roots = [value for value in values if value not in inside]
    roots = [root for root in roots if root.inputs] or roots
    if not roots:
        raise StepgradError(f"{file} leaves no Value in a variable at its top level; assign one, such as loss = ...")
    if len(roots) > 1:
        others = ", ".join(values[root] for root in roots[:-1])
        print(f"stepgrad: taking {values[roots[-1]]}; {file}:NAME takes another one: {others}", file=sys.stderr)
    return roots[-1]
