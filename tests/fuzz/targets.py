"""What reads other people's texts and files: each with its inputs, and with what it promises whatever it is given."""

import contextlib
import io
import json
import random
import re
import sys
import warnings
import webbrowser
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import engine
import engine.teach
import nn
from engine import StepgradError, Value, scope
from engine.capsule import parse_capsule, write_capsule
from engine.cli.app import COMMANDS, load_command, main
from engine.cli.target import load
from engine.debugger.condition import Formula
from engine.debugger.dap.adapter import Adapter
from engine.debugger.dap.protocol import ProtocolError, read_message
from engine.notation.expression import ExpressionError, parse
from engine.teach.lab import describe_failure, find_smallest_failure

from . import inputs


class Target(NamedTuple):
    """A reader of texts or files.

    Attributes:
        share: how many of a million inputs it gets.
        draw: make an input, text or bytes, by grammar.
        run: read it; only what is promised may be raised, and checked is what it gives.
        promised: the errors that it may raise.
    """

    share: int
    draw: Callable[[random.Random], Any]
    run: Callable[[Any], object]
    promised: tuple[type[Exception], ...] = (StepgradError,)


def text_of(given: Any) -> str:
    """Return an input as text."""
    return given if isinstance(given, str) else given.decode("utf-8", "surrogateescape")


def bytes_of(given: Any) -> bytes:
    """Return an input as bytes."""
    return given if isinstance(given, bytes) else given.encode("utf-8", "surrogatepass")


def shown(text: str) -> None:
    """Require that no terminal would obey a text."""
    assert text.replace("\n", "").isprintable(), f"shown: {text!r}"


# --- expressions, conditions, answers ---------------------------------------------------------------------


def read_expression(given: Any) -> None:
    text = text_of(given)
    numbers = {name: 0.5 - place for place, name in enumerate(inputs.GIVEN) if re.search(rf"\b{name}\b", text)}
    try:
        root = parse(text, **numbers)
    except ExpressionError as error:
        shown(str(error))
        raise
    assert type(root) is Value
    shown(repr(root))


@cache
def _walk() -> Any:
    return engine.walk(parse("d = a*b; tanh(d + a)/b + x", a=2, b=-3, x=0.5))


def read_condition(given: Any) -> None:
    walk = _walk()
    try:
        formula = Formula(text_of(given), walk.names)
        for position in (0, 4, len(walk)):
            found = formula.at(walk.at(position))
            assert found is None or isinstance(found, (bool, int, float)), found
    except StepgradError as error:
        shown(str(error))
        raise


@cache
def _items() -> list[Any]:
    return engine.teach.make_items(seed=3, count=24) + engine.teach.make_items(topics=["ideas"], seed=3, count=4)


def judge_answer(given: Any) -> None:
    text = text_of(given)
    items = _items()
    item = items[len(text.encode("utf-8", "surrogatepass")) * 7 % len(items)]
    shown(item.respond(text))


# --- files ------------------------------------------------------------------------------------------------


@cache
def _capsule() -> Any:
    a, b = Value(2.0, "a"), Value(-3.0, "b")
    with engine.record_source(), scope("layer"):
        root = engine.leaky_relu(a * b + a, slope=0.2) * engine.maximum(a, b, 1.0) + (a * 0.0).sqrt()
    a.grad = 1.0
    return json.loads(write_capsule(root, {"root": root}, [a], "."))


def read_capsule(given: Any) -> None:
    root = parse_capsule(bytes_of(given), "nowhere").root
    again = write_capsule(root, {}, None, "nowhere")
    assert write_capsule(parse_capsule(again.encode(), "nowhere").root, {}, None, "nowhere") == again
    shown(repr(root))


@cache
def _states() -> list[Any]:
    model = nn.Sequential(nn.MLP(2, [2, 1]), nn.Dropout(0.5))
    nn.save(model, "state.json")
    nn.save_checkpoint("checkpoint.json", model, nn.Adam(model.parameters()), notes={"epoch": 3})
    return [json.loads(Path(name).read_bytes()) for name in ("state.json", "checkpoint.json")]


def read_model(given: Any) -> None:
    Path("model.json").write_bytes(bytes_of(given))
    model = nn.MLP(2, [2, 1])
    optimiser = nn.Adam(model.parameters())
    before = str(model.state_dict())
    calls: list[Callable[[], object]] = [
        lambda: nn.load("model.json"),
        lambda: nn.load_into(model, "model.json"),
        lambda: nn.load_checkpoint("model.json", model, optimiser),
    ]
    for call in calls:
        try:
            call()
        except StepgradError as error:
            shown(str(error))
            assert call is calls[0] or str(model.state_dict()) == before, "half of it was loaded"
        before = str(model.state_dict())


def read_table(given: Any) -> None:
    Path("table.csv").write_bytes(bytes_of(given))
    try:
        data = nn.data.csv("table.csv", missing="mean")
    except StepgradError as error:
        shown(str(error))
        raise
    assert len(data.inputs) == len(data.targets)
    shown(f"{data} {data.notes}")


# --- editors ----------------------------------------------------------------------------------------------


def read_protocol(given: Any) -> None:
    stream = io.BytesIO(bytes_of(given))
    while True:
        try:
            if read_message(stream) is None:
                return
        except ProtocolError as error:
            shown(str(error))


class _Editor:
    """An adapter that is begun, and begun anew when it is over."""

    def __init__(self) -> None:
        self.count, self.received = 0, list[Any]()
        self.adapter = Adapter(self.received.append, load)
        for command, given in [
            ("initialize", {"adapterID": "stepgrad"}),
            ("launch", {"expression": "d = a*b; tanh(d + a) + relu(z)", "numbers": {"a": 2, "b": -3.0, "z": 0}}),
            ("configurationDone", {}),
        ]:
            self.ask({"type": "request", "command": command, "arguments": given})

    def ask(self, message: Any) -> None:
        self.count += 1
        del self.received[:]
        self.adapter.handle(message)
        for each in self.received:
            json.dumps(each, allow_nan=False)
        (answer,) = (each for each in self.received if each["type"] == "response")
        assert not answer.get("message", "").startswith("an internal error"), answer["message"]


_editors: list[_Editor] = []


def read_message_of_editor(given: Any) -> None:
    try:
        message = json.loads(bytes_of(given))
    except (ValueError, RecursionError):
        return
    if not isinstance(message, dict):
        return
    command = message.get("command")
    if command in ("launch", "attach", "stepgrad/page", "stepgrad/drawing"):  # they run files, or take long
        return
    arguments = message.get("arguments")
    if isinstance(arguments, dict) and str(arguments.get("expression", "")).lstrip().startswith("graph"):  # it writes
        return
    if not _editors or _editors[-1].adapter.is_over or _editors[-1].count > 200:
        _editors[:] = [_Editor()]
    _editors[-1].ask(message)


def message(draw: random.Random) -> bytes:
    from engine.debugger.dap.request import REQUESTS

    known = {
        "threadId": 1, "frameId": draw.randint(0, 3), "variablesReference": draw.randrange(30),
        "line": draw.randrange(20),
        "expression": inputs.some(draw, ("a", "a.grad", "next", "set a=1", "why b", "back 3", inputs.condition(draw))),
        "value": inputs.some(draw, inputs.NUMBERS), "name": inputs.some(draw, ("a", "b", "d", "x")),
        "context": "repl", "source": {"sourceReference": 1}, "targetId": draw.randrange(30),
        "text": "set a", "column": draw.randrange(9),
        "breakpoints": [{"line": draw.randrange(20), "condition": inputs.condition(draw)}, {"name": "mul"}],
        "filters": ["kink", "not-finite"], "granularity": inputs.some(draw, ("line", "statement", "instruction")),
    }  # fmt: skip
    chosen = draw.sample(sorted(known), draw.choice((2, 4, len(known))))
    command = inputs.some(draw, sorted(REQUESTS))
    body = {"seq": 1, "type": "request", "command": command, "arguments": {name: known[name] for name in chosen}}
    return inputs.spoiled_json(draw, body)


def framed(draw: random.Random) -> bytes:
    found = []
    for _ in range(draw.randint(1, 4)):
        body = message(draw)
        length = len(body) + draw.choice((0, 0, 0, 0, 1, -1, 99, 10**9))
        head = inputs.spoiled(draw, f"Content-Length: {length}\r\n\r\n", 0.2)
        found.append(head.encode("utf-8", "surrogatepass") + body)
    return b"".join(found)


# --- the command, the judge of homework, and pages -----------------------------------------------------------

HANDS_OFF = {"dap", "editor", "train"}  # they serve, write into the home folder, or take long


def _files() -> None:
    Path("p.py").write_text("from engine import Value\na, b = Value(2.0), Value(-3.0)\nc = (a * b + a).tanh()\n")
    Path("t.csv").write_text("x,y\n1,2\n2,3\n")
    engine.save_graph(parse("tanh(a*b)", a=2, b=3), "g.json", {})


@cache
def _options() -> tuple[list[str], list[str]]:
    commands = [name for name in COMMANDS if name not in HANDS_OFF]
    flags = {flag for name in commands for flags, _ in load_command(name).options for flag in flags if flag[:1] == "-"}
    return commands, sorted(flags - {"--open"})


def call(given: Any) -> None:
    texts = given if isinstance(given, list) else text_of(given).split("\0")
    listed = [text.replace("/", "").replace("..", "").replace("~", "") for text in texts]  # nothing outside the folder
    commands, _ = _options()
    if not Path("p.py").exists():
        _files()
    if not listed or listed[0] not in commands:
        listed = ["check", *listed]
    out, err = io.StringIO(), io.StringIO()
    with (
        mock.patch.object(sys, "stdin", io.StringIO("next\nprint a\n3\nquit\n")),
        mock.patch.object(webbrowser, "open"),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            status: Any = main(listed)
        except SystemExit as end:
            status = end.code
    assert status in (0, 1, 2), status
    shown(out.getvalue() + err.getvalue())
    assert "Traceback" not in err.getvalue(), err.getvalue()
    assert status != 2 or err.getvalue(), "refused without a word"


def judge_homework(given: Any) -> None:
    room: dict[str, Any] = {"topological_order": engine.topological_order}
    try:
        exec(compile(text_of(given), "homework.py", "exec"), room)
    except Exception:
        return
    if callable(room.get("backward")):
        failure = find_smallest_failure(room["backward"])
        describe_failure(room["backward"], failure)
        if failure:
            assert failure.tried > 0
            str(failure)


def write_page(given: Any) -> None:
    text = text_of(given)
    draw = random.Random(repr(text))
    label, name = text[: len(text) // 2], text[len(text) // 2 :]
    a, b = Value(draw.gauss(0, 3), label), Value(draw.choice((0.0, 1e300, -2.0, 5e-324)), name)
    with scope(name or "s"):
        root = engine.relu(a * b) + engine.tanh(a) * b
    update = draw.choice((None, 0.1, nn.Adam([a, b])))
    html = engine.show_steps(root, title=text, update=update).html
    assert html.count("</script>") == 2, "an element is ended early"
    begin = html.index('<script type="application/json" id="data">') + len('<script type="application/json" id="data">')

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    json.loads(html[begin : html.index("</script>", begin)], parse_constant=refuse)


TARGETS = {
    "expressions": Target(300_000, lambda draw: inputs.spoiled(draw, inputs.statements(draw)), read_expression),
    "conditions": Target(200_000, lambda draw: inputs.spoiled(draw, inputs.condition(draw)), read_condition),
    "answers": Target(150_000, lambda draw: inputs.spoiled(draw, inputs.answer(draw), 0.3), judge_answer, ()),
    "capsules": Target(100_000, lambda draw: inputs.spoiled_json(draw, _capsule()), read_capsule),
    "models": Target(60_000, lambda draw: inputs.spoiled_json(draw, inputs.some(draw, _states())), read_model, ()),
    "tables": Target(80_000, inputs.table, read_table),
    "protocol": Target(40_000, framed, read_protocol, ()),
    "editor": Target(50_000, message, read_message_of_editor, ()),
    "commands": Target(10_000, lambda draw: inputs.arguments(draw, *_options()), call, ()),
    "homework": Target(8_000, inputs.backward_pass, judge_homework, ()),
    "pages": Target(2_000, lambda draw: inputs.spoiled(draw, "label", 0.95), write_page),
}
assert sum(target.share for target in TARGETS.values()) == 1_000_000
warnings.filterwarnings("ignore", module="engine")
