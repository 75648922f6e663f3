"""The target of a command: a Value of a program that is run, or of an expression."""

from __future__ import annotations

import _thread
import linecache
import os
import re
import sys
import threading
from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping
from contextlib import chdir, contextmanager
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from traceback import StackSummary, TracebackException
from types import ModuleType
from typing import Any, TypeVar

from ..backprop import backward, zero_grad
from ..capsule import parse_capsule, read_capsule
from ..errors import StepgradError
from ..graph import leaves, topological_order
from ..name import Names, names
from ..notation.expression import parse
from ..notation.spelling import notes_on
from ..numbers import Numbers
from ..recording.context import record_source
from ..recording.source import HOUSE, source_of
from ..steps.update import Descent, is_optimiser
from ..support.streams import complain, read_input
from ..support.text import did_you_mean, listed
from ..value import Value
from .command import file_of, notify

PARAMETERS = "parameters", "params"  # names that programs give to a list of what is trained
STDIN = "<stdin>"
DOORS = {  # where tensors of other libraries come in
    "torch": ("PyTorch", "from_torch"), "jax": ("JAX", "from_jax"), "jaxlib": ("JAX", "from_jax"),
}  # fmt: skip
GRACE = 3.0  # seconds, for a program to end when it is interrupted
T = TypeVar("T")


@dataclass(frozen=True)
class Target:
    """What a command is about: a Value, and the variables of the program that made it."""

    root: Value
    variables: Mapping[str, Any]
    trained: list[Value] | None = None  # what a saved graph says about that

    @cached_property
    def names(self) -> Names:
        """The names of the graph's nodes."""
        return Names(topological_order(self.root), self.variables)

    @property
    def parameters(self) -> list[Value] | None:
        """What the program trains: the parameters of its models, and its list of them; None if it has neither."""
        if self.trained is not None:
            return self.trained
        things = self.variables.values()
        models = [x for x in things if callable(getattr(x, "parameters", None)) and not isinstance(x, type)]
        groups = [list(model.parameters()) for model in models] + [self.variables.get(name) for name in PARAMETERS]
        return list(names({"parameters": groups})) or None

    def inputs(self, wanted: str | None) -> list[Value]:
        """Return the leaves of the graph: all, or those named in a list with commas; several may have one label."""
        inputs = leaves(self.root)
        if not wanted:
            return inputs
        known: dict[str, set[Value]] = {}
        for leaf in inputs:
            for name in filter(None, {leaf.label, self.names[leaf]}):
                known.setdefault(name, set()).add(leaf)
        chosen = set[Value]().union(*(choose(x.strip(), known, "the graph", "input") for x in wanted.split(",")))
        return [leaf for leaf in inputs if leaf in chosen]

    def settled(self, options: Namespace) -> Target:
        """Return the target with the numbers that its graph was recorded with, or ``--now``, and say so on the way."""
        numbers = Numbers(self.names.order, options.now)
        notify(numbers.notices(self.names), options.command.options)
        return Target(numbers.stand_in(self.root), numbers.variables(self.variables))

    def update(self, wish: str | float | None) -> Any:
        """Return what updates the parameters, as `engine.walk` takes it.

        Args:
            wish: a learning rate, also as a text, or the name of an optimiser among the program's variables; or None.

        Raises:
            StepgradError: there is no such optimiser.
        """
        if wish is None:
            return None
        try:
            rate = float(wish)
        except ValueError:
            known = {name: x for name, x in self.variables.items() if is_optimiser(x)}
            return choose(str(wish), known, "the program", "optimiser")
        return Descent(rate, self.parameters or self.inputs(None))

    def differentiate(self, again: bool = False) -> None:
        """Compute the gradients, unless the program has, or if they are to be computed again."""
        if again or self.root.grad is None:
            zero_grad(self.root)
            backward(self.root)


def load(target: str, numbers: Mapping[str, float]) -> Target:
    """Return the target of a command; Values without a label get the names of the program's variables.

    Args:
        target: ``FILE.py``, ``FILE.py:NAME``, ``FILE.json``, ``FILE.json:NAME``, an expression, or ``-`` to read a
            program, a saved graph or an expression from the standard input.
        numbers: a number for each name in the expression.

    Raises:
        StepgradError: there is no such file or Value, the program failed, or the expression is wrong.
        OSError: the file cannot be read.

    >>> load("tanh(a*b)", {"a": 2.0, "b": 0.0}).root
    Value(0, grad=not computed, op='tanh')
    """
    file, name, text = split(target)
    if not file:
        root = parse(text, **numbers)
        notify(notes_on(text))
        return Target(root, {})
    if is_capsule(file):
        return open_capsule(file, name, text, numbers)
    return pick(file, name, run_program(file, text, numbers))


def is_capsule(file: str) -> bool:
    """Return whether the file of a target is a saved graph."""
    return file.endswith(".json")


def open_capsule(file: str, name: str | None, text: str, numbers: Mapping[str, float]) -> Target:
    """Return the target in a saved graph, given what `split` returned: its root, or the node of a name."""
    _refuse_numbers(file, numbers)
    root, trained = parse_capsule(text.encode(), "") if text else read_capsule(file)
    if name is not None:
        known = Names(topological_order(root), {}).findable
        root = choose(name, known, file, "node")
    return Target(root, {}, trained)


def _refuse_numbers(file: str, numbers: Mapping[str, float] | None) -> None:
    if numbers:
        raise StepgradError(f"numbers such as {next(iter(numbers))}=... are for expressions; {file} has its own")


def pick(file: str, name: str | None, variables: Mapping[str, Any]) -> Target:
    """Return the target among the variables of a program; Values without a label get the names of these variables.

    Args:
        file, variables: the program's file and its variables.
        name: the target's name; without one it is the final result.

    Raises:
        StepgradError: there is no such Value, or no Value at all.
    """
    named = {its_name: value for value, its_name in names(variables).items()}
    for its_name, value in named.items():
        value.label = value.label or its_name
    if name is None:
        return Target(_last_root(file, variables), variables)
    thing = variables.get(name)
    if isinstance(thing, Value):
        return Target(thing, variables)
    if name in variables and (door := DOORS.get(type(thing).__module__.partition(".")[0])):
        raise StepgradError(
            f"{name} in {file} is {type(thing).__name__} of {door[0]} whose computation was not recorded as scalars;"
            f" write {name} = engine.{door[1]}(function, ...), with the function that computes one number"
        )
    if name in variables:
        raise StepgradError(f"{name} in {file} is not a Value, but {type(thing).__name__} {thing!r:.60}")
    return Target(choose(name, named, file, "Value"), variables)


def split(target: str) -> tuple[str, str | None, str]:
    """Return the file of a target, the name behind it, and its text if it was read; of an expression only its text."""
    if target == "-":
        text = read_input()
        if text.lstrip().startswith("{"):
            return f"{STDIN}.json", None, text
        return STDIN if re.search(r"^\s*(import|from)\s", text, re.MULTILINE) else "", None, text
    file = file_of(target)
    if not file:
        return "", None, target
    if not Path(file).is_file():
        raise StepgradError(f"there is no file {file}")
    return file, target[len(file) + 1 :] if target != file else None, ""


def load_function(target: str, default: str) -> Callable[[Any], object]:
    """Return a function of a program: ``FILE.py:FUNCTION``, or the one of a default name in ``FILE.py`` or ``-``."""
    file, name, text = split(target)
    variables = run_program(file or STDIN, text)
    known = {each: thing for each, thing in variables.items() if callable(thing) and not each.startswith("_")}
    return choose(name or default, known, file or STDIN, "function")  # type: ignore[no-any-return]


def run_program(file: str, text: str = "", numbers: Mapping[str, float] | None = None) -> dict[str, Any]:
    """Run a program as Python would, and return its variables.

    Args:
        file: the program's file, or the sign for one without a file.
        text: the text of a program without a file.
        numbers: those that stand behind the target; a program takes none.

    Raises:
        StepgradError: the program failed, it is a saved graph, or there are numbers.
    """
    if is_capsule(file):  # what is in it is never run
        raise StepgradError(f"{file} is a saved graph, not a program; name a program, such as train.py")
    _refuse_numbers(file, numbers)
    module = ModuleType("__main__")
    module.__file__ = file
    if file == STDIN:  # so that tracebacks and nodes can show its lines
        linecache.cache[file] = len(text), None, text.splitlines(keepends=True), file
    source = text if file == STDIN else Path(file).read_bytes()
    try:
        code = compile(source, file, "exec", dont_inherit=True)
        with _as_program(file, module), chdir("."), record_source(), _tensors(source) as unrolled:
            exec(code, vars(module))
            return unrolled(vars(module))
    except SystemExit as end:
        if end.code:
            raise StepgradError(f"{file} exited by sys.exit({end.code!r:.200})") from None
    except (BrokenPipeError, KeyboardInterrupt):  # the reader of its output has left, or the user wants no more
        raise
    except BaseException as error:
        if remedy := remedy_of_none(error):
            error.add_note(remedy)
        found = TracebackException.from_exception(error)
        found.stack = StackSummary.from_list([frame for frame in found.stack if not frame.filename.startswith(HOUSE)])
        raise StepgradError(f"{file} failed:\n{''.join(found.format(chain=False)).rstrip()}") from error
    return vars(module)


def remedy_of_none(error: BaseException) -> str:
    """Return a sentence for an error of Python's that computes with a gradient of None; empty for another one."""
    source = source_of(error)
    if source is None or not isinstance(error, TypeError) or "NoneType" not in str(error):
        return ""
    found = re.search(r"([\w.\[\]]+)\.grad\b", source.text)
    if not found:
        return ""
    name = found[1]
    return (
        f"{name}.grad is None as long as no backward() has reached {name}: call backward() on the loss before. If the "
        f"loss does not depend on {name}, leave it out with `if {name}.grad is not None`, or call zero_grad() first, "
        "which sets gradients to 0.0."
    )


@contextmanager
def _tensors(source: str | bytes) -> Iterator[Callable[[dict[str, Any]], dict[str, Any]]]:
    """Yield a function that puts Values into a program's variables for the tensors of PyTorch that it computes."""
    text = source if isinstance(source, str) else source.decode(errors="replace")
    if re.search(r"^\s*(import|from)\s+torch\b", text, re.MULTILINE) and find_spec("torch"):
        from ..tensors.torch import watching

        with watching() as unrolled:
            yield unrolled
    else:
        yield dict


@contextmanager
def _as_program(file: str, module: ModuleType) -> Iterator[None]:
    """Make a module the program that is running, as far as it can see."""
    arguments, path, main_module = sys.argv, sys.path, sys.modules["__main__"]
    folder = str(Path.cwd() if file == STDIN else Path(file).resolve().parent)
    try:
        sys.argv, sys.path, sys.modules["__main__"] = [file], [folder, *path], module
        yield
    finally:
        sys.argv, sys.path, sys.modules["__main__"] = arguments, path, main_module


@contextmanager
def time_limit(seconds: float, what: str, option: str) -> Iterator[None]:
    """End a program of the user's that takes too long, as Ctrl-C would; outside of the main thread there is no limit.

    One that catches even that ends with the process, some seconds later.

    Raises:
        StepgradError: it took longer; the message names the program, the line where it was, and the option.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    lock, ended, told = threading.Lock(), list[str](), f"{what} took longer than {seconds:g} s and was stopped"

    def end() -> None:
        with lock:
            if not ended:
                ended.append("too late")
                _thread.interrupt_main()

    def end_the_process() -> None:  # pragma: no cover - it ends the measuring, too
        complain(f"stepgrad: {told}, though it catches KeyboardInterrupt")
        os._exit(1)

    timers = [threading.Timer(seconds, end), threading.Timer(seconds + GRACE, end_the_process)]
    for timer in timers:
        timer.daemon = True
        timer.start()
    try:
        yield
        with lock:
            ended.append("in time")
    except KeyboardInterrupt as interrupt:
        if ended[:1] != ["too late"]:
            raise
        place = source_of(interrupt)
        where = f" at {place}" if place else ""
        raise StepgradError(f"{told}{where}; does a loop have no end? {option} gives it more time") from None
    finally:
        for timer in timers:
            timer.cancel()


def choose(name: str, known: Mapping[str, T], where: str, kind: str) -> T:
    """Return the thing of a name, or raise an error with the names that there are."""
    if name not in known:
        raise StepgradError(f"{where} has no {kind} named '{name}'{did_you_mean(name, known, 'it has')}")
    return known[name]


def _last_root(file: str, variables: Mapping[str, Any]) -> Value:
    """Return the last Value that no other is computed from; a result rather than a lone leaf."""
    values = {thing: name for name, thing in variables.items() if isinstance(thing, Value)}
    inside: set[Value] = set()
    for value in reversed(values):  # the last one first, since it is often computed from the others
        if value not in inside:
            inside.update(topological_order(value)[:-1])
    roots = [value for value in values if value not in inside]
    roots = [root for root in roots if root.inputs] or roots
    if not roots:
        raise StepgradError(f"{file} leaves no Value in a top-level variable; assign one, such as loss = ...")
    if len(roots) > 1:
        chosen = values[roots[-1]]
        others = listed((values[root] for root in roots[:-1]), last="or")
        notify([f"using {chosen}; write {file}:NAME for another result: {others}"])
    return roots[-1]
