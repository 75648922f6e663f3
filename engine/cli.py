"""The command `stepgrad`: look at a program's graph, or at that of an expression."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import chdir, contextmanager
from importlib import import_module
from inspect import cleandoc
from numbers import Real
from pathlib import Path
from traceback import StackSummary, TracebackException
from types import ModuleType
from typing import Any, NamedTuple, TypeVar

from . import Program, __version__, check_gradients, diagnose, leaves, names, record_source, topological_order
from .completion import SHELLS, script
from .errors import StepgradError
from .expression import number, parse
from .source import HOUSE
from .value import Value

MINUS = "(put -- before an expression that begins with a minus sign)"
TARGET = f"""\
TARGET is a program or an expression:
  FILE.py        runs the program and takes the last Value at its top level that no other is computed from
  FILE.py:NAME   takes this one; NAME may be a place in a list, as in 'train.py:losses[0]'
  "EXPRESSION"   such as "tanh(a*b + c)" or "d = a*b; tanh(d + c)", with a number for each name: a=2 b=-3 c=10
                 {MINUS}
"""
STATUS = "The exit status is 0 if all went well, 1 if not, 2 for a wrong call."
MOST_EVALUATIONS = 20_000_000  # of single operations, for one check: about half a minute

HISTORIES = "history", "losses", "loss_history"  # what programs call the losses of their steps
DRAW = (
    "direction", "depth", "expand", "every_sample", "limit", "timeout", "theme", "gradients", "local_gradients",
    "number_format", "legend",
)  # fmt: skip
PAGE = "direction", "depth", "expand", "every_sample", "limit", "timeout", "title"
PARAMETERS = "parameters", "params"  # what they call a list of what is trained


class Target(NamedTuple):
    """Hold what a call is about: a Value, and the variables of the program that made it."""

    root: Value
    variables: Mapping[str, Any]


T = TypeVar("T")
Run = Callable[..., int]  # takes the target, if it is about one, and the options


# --- commands -----------------------------------------------------------------------------------------


class Command(NamedTuple):
    """Hold one command: what it does, and how to call it; its docstring is its help."""

    name: str
    run: Run
    options: tuple[tuple[tuple[str, ...], dict[str, Any]], ...]
    examples: tuple[str, ...]
    has_target: bool

    @property
    def help(self) -> str:
        """What the command does, in a sentence and perhaps more."""
        return cleandoc(self.run.__doc__ or "")


COMMANDS: list[Command] = []


def option(*flags: str, **settings: Any) -> tuple[tuple[str, ...], dict[str, Any]]:
    """Describe an option of a command, as `argparse` takes it."""
    return flags, settings


def command(
    name: str, *options: tuple[tuple[str, ...], dict[str, Any]], examples: Sequence[str], has_target: bool = True
) -> Callable[[Run], Run]:
    """Make a function a command; its docstring is its help.

    Args:
        name: the command's name.
        options: what it can be called with, as `option` describes it.
        examples: calls, for its help.
        has_target: whether it is about a TARGET, which the function then gets before the options.
    """

    def enter(run: Run) -> Run:
        COMMANDS.append(Command(name, run, options, tuple(examples), has_target))
        return run

    return enter


def _positive(text: str) -> int:
    """Return a whole number of at least 1."""
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number of at least 1")
    return int(text)


DIRECTION = option("--direction", choices=("LR", "TB"), default="LR", help="from left to right, or from top to bottom")
FOLDING = (  # of what is drawn, in pictures and on pages
    option("--depth", metavar="N", type=_positive,
           help="fold what is deeper than N scopes: 1 shows a network as layers, 2 as neurons"),
    option("--expand", metavar="SCOPE", action="append", default=[],
           help="open this scope while the others stay folded, such as 'layer 2.neuron 0'; may be repeated"),
    option("--every-sample", action=argparse.BooleanOptionalAction,
           help="draw each of several samples that go the same way, or one for all (each, unless something is folded)"),
    option("--limit", metavar="N", type=_positive, default=400, help="fold scopes if there are more boxes (400)"),
    option("--timeout", metavar="SECONDS", type=float, default=20.0, help="the longest time for the layout (20)"),
)  # fmt: skip


@command(
    "draw",
    option("-o", "--out", metavar="FILE", type=Path, default=Path("graph.svg"),
           help="the picture to write: .svg, .png, .pdf or .dot (graph.svg)"),
    DIRECTION, *FOLDING,
    option("--theme", choices=("light", "dark", "auto"), default="light", help="colours; auto: as the reader's system"),
    option("--gradients", action=argparse.BooleanOptionalAction, default=True, help="show gradients, or only data"),
    option("--local-gradients", action="store_true",
           help="show at each arrow the local gradient, and by its thickness the size of the contribution"),
    option("--number-format", metavar="FORMAT", default="", help="how to write numbers, such as .3f"),
    option("--legend", action=argparse.BooleanOptionalAction, default=True, help="explain the signs below the graph"),
    option("--backward", action=argparse.BooleanOptionalAction,
           help="compute the gradients first, or leave them as the program left them (compute them if it did not)"),
    examples=['stepgrad draw "tanh(a*b + c)" a=2 b=-3 c=10', "stepgrad draw train.py:loss -o loss.svg --direction TB",
              "stepgrad draw train.py --depth 1 --theme dark --local-gradients"],
)  # fmt: skip
def _draw(target: Target, options: argparse.Namespace) -> int:
    """Draw the graph of a Value, with numbers and gradients.

    Scopes are folded if there are too many values to draw; the command then says how to open them.
    """
    from .view import draw

    root, variables = target
    if options.backward or (options.backward is None and root.grad is None):
        root.zero_grad()
        root.backward()
    asked = {name: getattr(options, name) for name in DRAW}
    drawing = _asked(lambda: draw(root, parameters=_parameters(variables), **asked))
    print(drawing.save(options.out))
    _notice(drawing.notices)
    return 0


@command(
    "page",
    option("-o", "--out", metavar="FILE", type=Path, default=Path("backprop.html"), help="the page (backprop.html)"),
    DIRECTION, *FOLDING,
    option("--title", default="", help="what the page is about (the Value and its number)"),
    option("--open", action="store_true", help="show the page in the browser"),
    examples=['stepgrad page "tanh(a*b + c)" a=2 b=-3 c=10', "stepgrad page train.py:loss -o loss.html --depth 2"],
)  # fmt: skip
def _page(target: Target, options: argparse.Namespace) -> int:
    """Write a page that steps through backpropagation, forwards and backwards in time.

    The page is one file that any browser shows, without a network.
    """
    from .view.page import show_steps

    asked: Any = {name: getattr(options, name) for name in PAGE}
    page = _asked(lambda: show_steps(target.root, parameters=_parameters(target.variables), **asked))
    path = page.save(options.out)
    print(path)
    _notice(page.notices)
    if options.open:
        import webbrowser

        webbrowser.open(path.resolve().as_uri())
    return 0


def _asked(show: Callable[[], T]) -> T:
    """Return what is to be shown; an option that is no good is said as other errors are."""
    try:
        return show()
    except ValueError as error:
        raise StepgradError(str(error)) from None


def _notice(notices: Iterable[str]) -> None:
    for notice in notices:
        print(f"stepgrad: {notice}", file=sys.stderr)


@command(
    "debug",
    option("-x", "--commands", metavar="FILE", type=Path,
           help="run the debugger's commands in this file first; without a terminal, then end"),
    examples=[
        'stepgrad debug "tanh(a*b + c)" a=2 b=-3 c=10',
        "stepgrad debug train.py:loss -x lesson.txt",
        'echo "break a; continue; why a" | tr ";" "\\n" | stepgrad debug "a*a + a" a=3',
    ],
)  # fmt: skip
def _debug(target: Target, options: argparse.Namespace) -> int:
    """Step through backpropagation in a debugger that also goes back in time."""
    from .debugger import debug

    commands = options.commands.read_text(encoding="utf-8").splitlines() if options.commands else ()
    return 0 if debug(target.root, commands=commands, names={}) else 1


@command(
    "check",
    option("--by", metavar="NAMES", help="the inputs to check, such as a,b (all)"),
    examples=['stepgrad check "a*b + tanh(a)" a=2 b=-3', "stepgrad check train.py:loss --by 'w[0],b'"],
)
def _check(target: Target, options: argparse.Namespace) -> int:
    """Check the gradients of a Value against central differences."""
    order = topological_order(target.root)
    inputs = leaves(target.root)
    if options.by:
        known = {leaf.label: leaf for leaf in inputs if leaf.label}
        wanted = {_chosen(name.strip(), known, "the Value", "input").label for name in options.by.split(",")}
        inputs = [leaf for leaf in inputs if leaf.label in wanted]  # in a network many are called w0
    evaluations = 26 * len(inputs) * len(order)  # a central difference with up to 12 halvings of its step, for each
    if evaluations > MOST_EVALUATIONS:
        raise StepgradError(
            f"the graph has {len(order):,} values and {len(inputs):,} inputs: checking all of them takes minutes; "
            "choose some with --by NAMES"
        )
    print(check_gradients(lambda *_: _computed_again(order), inputs))
    return 0


def _computed_again(order: Sequence[Value]) -> Value:
    """Return a new graph of the same operations on the same leaves."""
    made: dict[Value, Any] = {}
    for node in order:
        made[node] = node.op(*(made[x] for x in node.inputs)) if node.op and node.inputs else node
    return made[order[-1]]  # type: ignore[no-any-return]


@command(
    "doctor",
    examples=["stepgrad doctor train.py", 'stepgrad doctor "sigmoid(sigmoid(w*x))" w=40 x=2'],
)
def _doctor(target: Target, options: argparse.Namespace) -> int:
    """Find what is wrong with a loss, its gradients and its training.

    The parameters are those of the program's models (things with a method parameters), and of its list parameters or
    params; without any, all leaves of the graph. A list history, losses or loss_history is the loss of each step.
    Notes leave the exit status at 0, warnings and errors make it 1.
    """
    root, variables = target
    found = diagnose(root, _parameters(variables), _history(root, variables), variables=variables)
    print(found)
    return int(any(finding.severity != "note" for finding in found))


def _parameters(variables: Mapping[str, Any]) -> list[Value] | None:
    """Return what a program trains: the parameters of its models, and its list of them; None where it has neither."""
    models = [x for x in variables.values() if callable(getattr(x, "parameters", None)) and not isinstance(x, type)]
    groups = [list(model.parameters()) for model in models] + [variables.get(name) for name in PARAMETERS]
    return list(names({"parameters": groups})) or None


def _history(root: Value, variables: Mapping[str, Any]) -> list[float] | None:
    """Return the losses of a program's steps, where it kept them; not those that a loss is the mean of."""
    inside = set(topological_order(root)) - {root}
    for kept in [variables[name] for name in HISTORIES if name in variables]:
        is_numbers = isinstance(kept, list | tuple) and all(isinstance(x, Real | Value) for x in kept)
        if is_numbers and inside.isdisjoint(x for x in kept if isinstance(x, Value)):
            return [float(x) for x in kept]
    return None


@command(
    "program",
    option("-o", "--out", metavar="FILE", type=Path, help="write the program there, and do not print it"),
    option("--plain", action="store_true",
           help="every step as backpropagation takes it: nothing folded, shared or left out"),
    examples=['stepgrad program "tanh(a*b + c)" a=2 b=-3 c=10', "stepgrad program train.py:loss -o unrolled.py"],
)  # fmt: skip
def _program(target: Target, options: argparse.Namespace) -> int:
    """Write backpropagation out as a Python program that runs on its own.

    Forward and backward pass, each step of the chain rule a line, with nothing but the module math.
    """
    way = not options.plain
    program = Program(target.root, names=target.variables, fold=way, share=way, prune=way)
    if options.out:
        print(program.save(options.out))
    else:
        print(program.source, end="")
    return 0


@command(
    "costs",
    examples=['stepgrad costs "p = a*b; q = p*p; q*p" a=2 b=3', "stepgrad costs train.py:loss"],
)
def _costs(target: Target, options: argparse.Namespace) -> int:
    """Count paths against edges, and forward mode against reverse mode, on a graph.

    The gradients of a Value can be had path by path, or as backpropagation has them: each edge once.
    """
    from .teach import costs

    print(costs(target.root))
    return 0


@command(
    "quiz",
    option("--level", type=int, choices=range(1, 7), help="how hard, from 1 to 6 (from 1 up to 6)"),
    option("--topic", metavar="NAMES", type=lambda text: text.split(","), action="extend", default=[],
           help="what to ask for, such as path,gradient: value, local, path, gradient, step, update, find, ideas "
                "(all but ideas)"),
    option("--seed", metavar="N", type=int, help="the same number gives the same questions (others each time)"),
    option("--count", metavar="N", type=_positive, default=10, help="how many questions (10)"),
    option("--export", metavar="FILE", type=Path, help="write them on a sheet instead: .html, .md or .tex"),
    option("--solutions", metavar="FILE", type=Path, help="write a sheet with the solutions, likewise"),
    examples=["stepgrad quiz --level 3 --topic gradient,path", "stepgrad quiz --topic ideas --count 5",
              "stepgrad quiz --seed 7 --export sheet.html --solutions solutions.html"],
    has_target=False,
)  # fmt: skip
def _quiz(options: argparse.Namespace) -> int:
    """Ask questions on the chain rule, and say which mistake leads to a wrong answer.

    Answers are numbers, fractions or expressions, such as -3/4 or 2*b. Enter alone shows the solution, Ctrl-D ends.
    """
    from .teach import ask, items, new_seed, sheets

    seed = new_seed() if options.seed is None else options.seed
    asked = items(options.level, options.topic, seed, options.count)
    if options.export or options.solutions:
        for path in sheets(asked, options.export, options.solutions, seed=seed):
            print(path)
    else:
        ask(asked, seed)
    return 0


@command(
    "lab",
    option("rule", metavar="RULE", nargs="?", help="a broken rule by its name, or FILE.py:FUNCTION with one of yours"),
    option("-o", "--out", metavar="FILE", type=Path, help="draw the graph there: .svg, .png, .pdf or .dot"),
    examples=["stepgrad lab", "stepgrad lab assign", "stepgrad lab mine.py:backward -o smallest.svg"],
    has_target=False,
)  # fmt: skip
def _lab(options: argparse.Namespace) -> int:
    """Show the smallest graph on which a broken backward pass goes wrong, and the step that differs.

    Without a RULE it lists those that it has. A function of yours takes the root of a graph in which each grad is 0.0,
    and leaves the gradients there; nodes have data, inputs and local_grads. The status is 1 if yours goes wrong.
    """
    from .teach import RULES, listed, smallest_failure, told

    if options.rule is None:
        print("\n".join(listed()))
        return 0
    file, _, name = options.rule.partition(".py:")
    own = f"{file}.py" if name else options.rule
    is_own = own.endswith(".py")
    rule = _function(Path(own), name or "backward") if is_own else _chosen(options.rule, RULES, "the lab", "rule")
    failure = smallest_failure(rule)
    print("\n".join(told(rule, failure)))
    if failure and options.out:
        print(failure.draw().save(options.out))
    return int(is_own and failure is not None)


def _function(file: Path, name: str) -> Callable[[Any], object]:
    """Return a function of somebody's program."""
    variables = _run(_found(file))
    known: dict[str, Callable[[Any], object]] = {
        each: thing for each, thing in variables.items() if callable(thing) and not each.startswith("_")
    }
    return _chosen(name, known, str(file), "function")


# --- commands that read their arguments themselves ---------------------------------------------------


class Aside(NamedTuple):
    """Hold a command that reads its arguments itself.

    Attributes:
        help: what it does, in a sentence.
        module: what has its functions ``parser()``, which returns what reads its arguments, and ``run(options)``. It
            is imported, by its name, when the command is called: it may be of a package that stands above this one.
    """

    help: str
    module: str


ASIDE = {
    "train": Aside("Train a network on a data set or on a CSV file.", "nn.command"),
    "completion": Aside("Print a script that lets a shell complete this command.", __name__),
}


def parser() -> argparse.ArgumentParser:
    """Return what reads the arguments of the command that lets shells complete commands."""
    made = argparse.ArgumentParser(prog="stepgrad completion", description=ASIDE["completion"].help)
    made.add_argument("shell", choices=SHELLS, help="the script says how to install it")
    return made


def run(options: argparse.Namespace) -> int:
    """Print the script for a shell."""
    commands = _commands()[1]
    known = {each.name: (each.help.partition("\n")[0], commands[each.name]) for each in COMMANDS}
    known.update({name: (aside.help, import_module(aside.module).parser()) for name, aside in ASIDE.items()})
    print(script(options.shell, known), end="")
    return 0


# --- the call -----------------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status: 0 for done, 1 for an error, 2 for a wrong call."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    if given and given[0] in ASIDE:
        module = import_module(ASIDE[given[0]].module)
        options = module.parser().parse_args(given[1:])
        return _guarded(lambda: module.run(options))
    options = _options(given)
    return _guarded(lambda: _called(options))


def _called(options: argparse.Namespace) -> int:
    command: Command = options.command
    return command.run(*([load(options.target, dict(options.numbers))] if command.has_target else []), options)


def _guarded(call: Callable[[], int]) -> int:
    """Return the status of a command; what goes wrong is told in a line."""
    for stream in sys.stdout, sys.stderr:
        if hasattr(stream, "reconfigure"):  # labels may hold any character, and not every terminal shows all
            stream.reconfigure(errors="backslashreplace")
    try:
        status = call()
        sys.stdout.flush()
        return status
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python complains when it closes stdout
        return 1
    except (StepgradError, OSError, UnicodeError) as error:
        print(f"stepgrad: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stepgrad: interrupted", file=sys.stderr)
        return 130


def _commands() -> tuple[argparse.ArgumentParser, Mapping[str, argparse.ArgumentParser]]:
    """Return what reads a call, and what reads the rest of it for each command."""
    parser = argparse.ArgumentParser(
        prog="stepgrad",
        description="See backpropagation: draw graphs, step through the chain rule, check gradients, find mistakes.",
        epilog="stepgrad COMMAND --help tells more of each.",
    )
    parser.add_argument("--version", action="version", version=f"stepgrad {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for each in COMMANDS:
        _add(commands, each)
    for name, aside in ASIDE.items():
        commands.add_parser(name, help=aside.help)
    return parser, commands.choices


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    """Return what the call asks for; end with a message and status 2 if it is wrong."""
    parser, _ = _commands()
    options, more = parser.parse_known_args(arguments)
    unknown = [text for text in more if text.startswith("-")]
    if unknown:
        remedy = "" if unknown[0].startswith("--") else f" {MINUS}"
        parser.error(f"unrecognized arguments: {' '.join(unknown)}{remedy}")
    if not options.command.has_target:
        if more:
            parser.error(f"unrecognized arguments: {' '.join(more)}")
        return options
    try:  # argparse in older Pythons does not see numbers that stand behind an option
        options.numbers += map(_assignment, more)
    except argparse.ArgumentTypeError as error:
        parser.error(f"argument NAME=NUMBER: {error}")
    for name, count in Counter(name for name, _ in options.numbers).items():
        if count > 1:
            parser.error(f"{name} is given {count} numbers")
    return options


def _add(commands: Any, each: Command) -> None:
    examples = "\n".join(f"  {example}" for example in each.examples)
    parser = commands.add_parser(
        each.name,
        help=each.help.partition("\n")[0],
        description=f"{each.help}\n\n{TARGET if each.has_target else ''}",
        epilog=f"examples:\n{examples}\n\n{STATUS}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    if each.has_target:
        parser.add_argument("target", metavar="TARGET", help="a program or an expression, see above")
        parser.add_argument(
            "numbers", metavar="NAME=NUMBER", nargs="*", type=_assignment, help="a name of the expression"
        )
    for flags, settings in each.options:
        parser.add_argument(*flags, **settings)
    parser.set_defaults(command=each)


def _assignment(text: str) -> tuple[str, float]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip().isidentifier():
        raise argparse.ArgumentTypeError(f"{text!r} is none; write for instance a=2")
    try:
        return name.strip(), number(value)
    except StepgradError as error:
        raise argparse.ArgumentTypeError(f"{text!r}: {error}") from None


# --- the target ---------------------------------------------------------------------------------------


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
    variables = _run(_found(file))
    for value, its_name in names(variables).items():
        value.label = value.label or its_name
    root = _last_root(file, variables) if name is None else _named(file, variables, name)
    return Target(root, variables)


def _found(file: Path) -> Path:
    if not file.is_file():
        raise StepgradError(f"there is no file {file}")
    return file


def _run(file: Path) -> dict[str, Any]:
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
    return _chosen(name, {its_name: value for value, its_name in names(variables).items()}, str(file), "Value")


def _chosen(name: str, known: Mapping[str, T], where: str, kind: str) -> T:
    """Return the thing of this name, or say which names there are."""
    if name in known:
        return known[name]
    from difflib import get_close_matches

    shown = get_close_matches(name, known, n=3) or list(known)[:12]
    others = f"did you mean {' or '.join(shown)}?" if get_close_matches(name, known) else ", ".join(shown) or "none"
    raise StepgradError(f"{where} has no {kind} named {name!r}; {others}")


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
