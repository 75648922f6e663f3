"""Text from users is data: whatever is in it, no terminal gets a character that it would obey, or that misleads.

Labels, scopes, file names, arguments, data sets, saved states and a program's own errors are tried with every command,
with the writers of texts, and with the errors and texts of the Python interface.
"""

import ast
import contextlib
import io
import json
import re
import sys
import warnings
from pathlib import Path

import pytest

import engine.teach
import nn
from engine import Value, record_source, scope
from engine.cli.app import COMMANDS, main
from tests.engine.debugger.dap.client import Client, Refused

from .house import files

ROOT = Path(__file__).parents[2]
HOSTILE = {
    "escape sequences": "\x1b[31mred\x1b]0;title\x07\x9b31m",
    "control characters": "a\rb\b\b\a\0\x7f\t\x85",
    "another order": "\u202egnp.\u2066exe\u200f\u2069",
    "invisible": "a\u200db\ufeff\U000e0041\u2028\u2029\xad",
    "half": "\ud800 \uffff",
    "lines": "one\ntwo\r\nthree",
    "markup": "<b>&amp;\"'`$x^2$\\href{a}{b}]]></style>%s{}{x}'''\"\"\"",
}
hostile = pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)

PROGRAM = """
from engine import Value, scope
a, b = Value(2.0, {0!r}), Value(-3.0, "b")
with scope({0!r}):
    c = a * b
    c.label = "c" + {0!r}
with scope("x"), scope({0!r}):
    d = (c + b).tanh() * a
parameters = {{{0!r}: a}}
loss = (d - 1.0) ** 2
loss.label = {0!r}
"""
FAILING = [
    "raise ValueError({0!r})", "raise BaseException({0!r})", "import sys; sys.exit({0!r})", "x = {0!r}", "{0!r}.x",
    "class E(Exception):\n    def __str__(self):\n        return {0!r}\nraise E", "assert 0, {0!r}",
    "from engine import Value\nloss = Value(-1.0, {0!r}).log()", "from engine import Value\nx = {{{0!r}: Value(1.0)}}",
    "from engine import Value\nx = Value(0.0, {0!r}).sqrt() * 2.0", "def f(:\n    {0!r}",
]  # fmt: skip
CALLS = [
    ["check"], ["check", "--json"], ["verify"], ["verify", "--seed", "{}"],
    ["costs"], ["costs", "--json"], ["doctor"], ["doctor", "--json"], ["explain"],
    ["explain", "--json"], ["explain", "--format", "markdown"], ["explain", "--format", "latex"],
    ["explain", "--node", "{}"], ["explain", "--node", "c{}"], ["explain", "--wrt", "{}"], ["check", "--wrt", "no{}"],
    ["program"], ["program", "--plain"], ["program", "--language", "c", "-o", "x.c.txt"],
    ["program", "--language", "javascript"], ["program", "--language", "numpy", "-o", "x.numpy.txt"],
    ["program", "--language", "jax"], ["program", "--language", "torch"], ["program", "-o", "{}.js"],
    ["check", "--update", "0.1"], ["explain", "--update", "w = w - {}"], ["page", "--update", "{}", "-o", "x.html"],
    ["draw", "--expand", "{}"], ["draw", "--number-format", "{}"],
    ["draw", "--theme", "{}"], ["draw", "--{}"], ["draw", "-o", "{}"], ["draw", "-o", "no{}/x.svg"],
    ["draw", "-o", "{}.svg"], ["page", "-o", "{}.html"], ["page", "--title", "{}"], ["program", "-o", "{}.txt"],
    ["explain", "-o", "x.txt"], ["explain", "-o", "x.md", "--format", "markdown"],
    ["explain", "-o", "x.tex", "--format", "latex"], ["program", "-o", "x.py.txt"], ["costs", "{}"],
    ["save", "-o", "x.json"], ["save", "-o", "{}.json"],
]  # fmt: skip
OTHER_CALLS = [
    ["check", "p.py:{}"], ["check", "{}"], ["check", "a*b", "{}=1"], ["check", "a*b", "a={}"], ["draw", "'{}'", "a=1"],
    ["check", "a{}b", "a=1"], ["{}"], ["no{}.py"], ["check", "no{}.py"], ["lab", "{}"], ["lab", "{}.py:f"],
    ["lab", "p.py:{}"], ["quiz", "--topic", "{}"], ["quiz", "--export", "{}"], ["quiz", "--count", "{}"],
    ["quiz", "--count", "1", "--export", "{}.md"], ["completion", "{}"], ["train", "{}"], ["train", "{}.csv"],
    ["train", "moons", "--out", "p.py/{}"], ["train", "moons", "--{}"],
    ["explain", "x.json"], ["check", "x.json:{}"], ["debug", "x.json", "--update", "{}"], ["draw", "{}.json"],
    ["diff", "p.py", "x.json"], ["diff", "p.py", "p.py:c", "--json"], ["diff", "p.py", "p.py:{}"],
    ["diff", "a{}", "p.py"], ["diff", "p.py", "a*b", "a=1", "b=2", "-o", "x.html"],
]  # fmt: skip
DEBUGGER = (
    "next 40", "list", "print", "where", "info", "graph", "print {}", "{}", "break {}", "break if {}", "watch {}",
    "display {}", "set {}=2", "why {}", "graph {}", "graph {}.svg", "graph no{}/x.svg", "goto {}", "next {}", "help {}",
    "break op {}", "until {}", "delete {}", "break b", "back 9", "continue", "info",
)  # fmt: skip


def unfit(text):
    """Return the characters of a text that no terminal may get."""
    return {c for c in text if not (c.isprintable() or c == "\n")}


@pytest.fixture
def call(tmp_path, monkeypatch):
    """Return a function that calls the command, and checks its status and all that it prints."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments, typed=""):
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()) as err:
            try:
                status = main(arguments)
            except SystemExit as end:
                status = end.code
        assert status in (0, 1, 2)
        assert not unfit(out.getvalue()), arguments
        assert not unfit(err.getvalue()), arguments
        if "--json" in arguments and status < 2:
            json.loads(out.getvalue())
        return out.getvalue() + err.getvalue()

    return call


def test_every_command_is_tried():
    tried = {arguments[0] for arguments in CALLS + OTHER_CALLS} | {"debug", "dap", "editor"}
    assert {*COMMANDS, "train"} <= tried


@hostile
def test_no_command_prints_what_a_terminal_obeys(call, text):
    Path("p.py").write_text(PROGRAM.format(text), encoding="utf-8")
    for command, *options in CALLS:
        call(command, "p.py", *(option.format(text) for option in options))
    for arguments in OTHER_CALLS:
        call(*(argument.format(text) for argument in arguments))
    for path in Path().glob("x.*"):
        assert not unfit(path.read_text(encoding="utf-8")), path


@hostile
def test_no_error_of_a_program_reaches_the_terminal_as_it_is(call, text):
    for number, program in enumerate(FAILING):
        Path("p.py").write_text(program.format(text), encoding="utf-8")
        call(("check", "doctor", "explain")[number % 3], "p.py")
    Path("p.py").write_text(f"import warnings\nwarnings.warn({text!r})\nfrom engine import Value\nx = Value(1.0) * 2.0")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        assert "UserWarning: " in call("check", "p.py")
    Path("mine.py").write_text(f"def backward(root):\n    raise ValueError({text!r})\n")
    call("lab", "mine.py")
    call("lab", "mine.py", "--json")


@hostile
def test_programs_in_every_language_have_names_that_are_safe(text):
    def programs(text):
        with scope(text):
            a, b = Value(2.0, text), Value(-3.0, f"b{text}")
            loss = (a * b + a).tanh()
        loss.label = text
        program = engine.Program(loss, inputs=[a], parameters=[b])
        return {
            language: program.written(language) for language in ("python", "numpy", "jax", "torch", "c", "javascript")
        }

    plain = programs("usual")
    for language, source in programs(text).items():
        assert not unfit(source)
        if language in ("c", "javascript"):
            assert shape(source) == shape(plain[language])
        else:
            found, expected = ([type(each) for each in ast.walk(ast.parse(x))] for x in (source, plain[language]))
            assert found == expected


def shape(source):
    """Return a program without its comments and names."""
    return re.sub(r"[A-Za-z_]\w*", "name", re.sub(r"//.*|(?s:/\*.*?\*/)", "", source))


@pytest.mark.needs_onnx
@hostile
def test_a_model_in_onnx_can_be_checked_whatever_its_names(tmp_path, text):
    import onnx

    model = nn.Sequential(nn.Layer(1, 1, name=text), name=text)
    nn.to_onnx(model, tmp_path / "model.onnx")
    onnx.checker.check_model(str(tmp_path / "model.onnx"))
    a = Value(2.0, text)
    engine.Program(a * a, inputs=[a]).save(tmp_path / "program.onnx")
    onnx.checker.check_model(str(tmp_path / "program.onnx"))


@hostile
def test_the_adapter_shows_escapes(tmp_path, monkeypatch, text):
    monkeypatch.chdir(tmp_path)
    Path("p.py").write_text(PROGRAM.format(text), encoding="utf-8")
    client = Client()
    client.start(program="p.py:loss", update="0.1")
    for _ in range(40):
        client.ask("next", threadId=1)
    for line in ("list", "print", "info", "where"):
        with contextlib.suppress(Refused):
            assert not unfit(client.say(line).replace("\t", ""))
    shown = json.dumps(client.frames + client.ask("scopes", frameId=1)["scopes"])
    for each in client.ask("scopes", frameId=1)["scopes"]:
        shown += json.dumps(client.ask("variables", variablesReference=each["variablesReference"]))
    assert not unfit("".join(json.loads(f'"{part}"') for part in re.findall(r'"((?:[^"\\]|\\.)*)"', shown)))


@hostile
def test_the_debugger_shows_escapes(call, text):
    Path("p.py").write_text(PROGRAM.format(text), encoding="utf-8")
    said = call("debug", "p.py", typed="\n".join(line.format(text) for line in DEBUGGER))
    assert said.count("(stepgrad) ") >= len(DEBUGGER)


@pytest.mark.slow
@hostile
def test_a_data_set_shows_escapes(call, text):
    cell = '"' + text.encode(errors="replace").decode().replace('"', '""') + '"'
    rows = "".join(f"{i},{i * i % 7},{cell if i % 2 else 'other'}\n" for i in range(12))
    Path("t.csv").write_text(f"x,{cell},kind\n{rows}", encoding="utf-8")
    call("train", "t.csv", "--epochs", "1", "--layers", "2", "--out", "trained")
    assert not unfit(Path("trained", "history.txt").read_text() + Path("trained", "model.json").read_text())
    call("train", "t.csv", "--epochs", "1", "--layers", "2", "--json")
    call("train", "t.csv", "--target", text)
    call("train", "t.csv", "--target", "x")
    for table in f"x,y\n1,2\n{cell},3\n", f"{cell},{cell}\n1,2\n", f"x,y\n1,2\n1,{cell}\n", f"{cell},y\n,2\n":
        Path("u.csv").write_text(table, encoding="utf-8")
        call("train", "u.csv", "--epochs", "1", "--layers", "2")


@hostile
def test_errors_and_texts_of_the_python_interface_have_escapes(tmp_path, monkeypatch, text):
    monkeypatch.chdir(tmp_path)
    a, b = Value(2.0, text), Value(0.0, text)
    with record_source(), scope(text):
        loss = (a * b + a).tanh()
    loss.backward()
    model = nn.Sequential(nn.Layer(1, 1, name=text), name=text)
    data = nn.data.Dataset([[1.0], [2.0]], [0, 1], "classification", (text, "b"), (text,), text, text)
    state = {"format": "stepgrad", "version": 1, "model": {"module": text, text: text}, "parameters": {text: text}}
    Path("state.json").write_text(json.dumps(state))
    Path("table.csv").write_text("a,b\n1,x\n2,y\n")
    results = [a, loss, data, data.table(), model, str(engine.tree(loss)), engine.explain(loss, a), engine.walk(loss),
               "\n".join(map(str, engine.walk(loss))), engine.diagnose(loss, [a, Value(1.0, text)]), loss.source,
               engine.formula(loss), engine.check_gradients(lambda x: x * x, [a]), engine.show_steps(loss, title=text),
               engine.Program(loss, inputs=[a]).source]  # fmt: skip
    for result in results:
        assert not unfit(f"{result} {result!r}" if not isinstance(result, str) else result), type(result)
    failing = [
        lambda: Value(-1.0, text).log(), lambda: a / b, lambda: b.sqrt().backward(), lambda: Value(text),
        lambda: a * text, lambda: engine.parse(text), lambda: engine.parse("a", **{text: 1.0}),
        lambda: engine.parse(f"f{text}(a)", a=1.0), lambda: engine.grad(loss, text),
        lambda: engine.jvp(loss, {text: 1.0}), lambda: loss.backward(stop_at=text * 2),
        lambda: engine.draw(loss, theme=text), lambda: engine.draw(loss, expand=text * 2),
        lambda: engine.draw(loss).save(text), lambda: engine.draw(loss).save(f"no{text}/x.svg"),
        lambda: engine.show_steps(loss, **{text: 1}), lambda: engine.Program(loss, backend=text),
        lambda: engine.register(text, lambda x: x, lambda x, out: (1.0,)), lambda: nn.fit(model, ([[1.0]], [text])),
        lambda: nn.fit(model, ([[1.0]], [1.0]), loss=text), lambda: nn.MLP(1, [1], text), lambda: nn.SGD([text]),
        lambda: model.load_state_dict({text: 1.0}), lambda: nn.load("state.json"),
        lambda: nn.load_into(model, "state.json"), lambda: nn.load(f"no{text}"),
        lambda: nn.save(model, f"no{text}/x"), lambda: nn.data.csv(f"no{text}"),
        lambda: nn.data.csv("table.csv", target=text), lambda: nn.data.csv("table.csv", delimiter=text),
        lambda: engine.teach.make_items(topics=[text]), lambda: engine.teach.write_sheets([], text),
        lambda: nn.plots.Film(data).save(text),
    ]  # fmt: skip
    for number, fail in enumerate(failing):
        with pytest.raises((engine.StepgradError, TypeError, ValueError, OSError)) as caught:
            fail()
        assert not unfit(str(caught.value)), number


def test_all_that_is_shown_goes_through_one_exit():
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for package in ("engine", "nn")
        for path in files(package)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert not found, "use engine.support.streams.say"
