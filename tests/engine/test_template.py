"""Texts of operations are checked when they are entered; those that pass are shown by every writer as they are."""

import ast
import contextlib
import io
import os
import re
import xml.etree.ElementTree
from random import Random

import pytest

import engine
from engine import TABLE, OperationError, Value, register, unregister
from engine.template import COMMANDS, check_texts

TEXTS = int(os.environ.get("STEPGRAD_TEXTS", "12"))


def own(name="own", arity=1, **details):
    """Register an operation with these details, and return it."""
    if arity == 2:
        return register(name, lambda x, y: x * y, lambda x, y, out: (y, x), **details)
    return register(name, lambda x: x * x, lambda x, out: (2.0 * x,), **details)


@pytest.fixture(autouse=True)
def _unregistered():
    before = {*TABLE}
    yield
    for name in {*TABLE} - before:
        unregister(name)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("class", "must be a Python identifier, not 'class'"), ("", "not ''"), ("a b", "not 'a b'"), (3, "not 3"),
        ("a\nb", r"not 'a\\nb'"), ("a\u202eb", r"not 'a\\u202eb'"), ("__len__", "must not begin with _"),
        ("_x", "must not begin with _"), ("\ufb01", "characters that Python replaces"), ("a" * 61, "60 characters"),
        ("data", "'data' is already an attribute of Value"), ("backward", "already an attribute"),
        ("tanh", "already an attribute"),
    ],
)  # fmt: skip
def test_names_that_an_operation_cannot_have(name, says):
    with pytest.raises(OperationError, match=says):
        own(name)


@pytest.mark.parametrize(
    ("details", "says"),
    [
        ({"text": "x\nimport os"}, r"own: text must be one line .* not 'x\\nimport os'"),
        ({"text": "{0}\r"}, "one line"), ({"text": "{0}\u2028"}, "one line"), ({"text": "\x1b[31m{0}"}, "one line"),
        ({"text": "{0}\ud800"}, "one line"), ({"hint": "\u202egnp"}, r"hint must be one line"),
        ({"domain": "x\0"}, "domain must be"), ({"convention": "\u2066"}, "convention must be"),
        ({"symbol": "*\n"}, "symbol must be"), ({"latex": "{0}\n"}, "latex must be one line"),
        ({"hint": "x" * 301}, "at most 300 characters"), ({"text": 3}, "own: text must be a text, not int 3"),
        ({"hint": None}, "hint must be a text, not NoneType None"), ({"symbol": 3}, "symbol must be a text"),
        ({"text": ""}, "text must not be empty"), ({"latex": " "}, "latex must not be empty"),
        ({"text": "{0.__class__}"}, r"nothing in braces except .* here \{0\}, not '\{0.__class__\}'"),
        ({"text": "{0!r}"}, "nothing in braces"), ({"text": "{0:>9}"}, "nothing in braces"),
        ({"text": "{1}"}, "nothing in braces"), ({"text": "{}"}, "nothing in braces"),
        ({"text": "f({0}"[:-1] + "{0"}, "nothing in braces"), ({"text": "{0}}"}, "nothing in braces"),
        ({"text": "{slope}"}, "nothing in braces"), ({"symbol": "{0}"}, r"here none, not '\{0\}'"),
        ({"latex": r"\href{{javascript:alert(1)}}{{{0}}}"}, r"\\href is not a command of formulas"),
        ({"latex": r"\input{{/etc/passwd}}"}, r"\\input is not"), ({"latex": r"\write18{{ls}}"}, r"\\write is not"),
        ({"latex": r"\def\x{{}}{0}"}, r"\\def is not"), ({"latex": r"\csname input\endcsname"}, r"\\csname is not"),
        ({"latex": r"{0}\\"}, r"is not a command"), ({"latex": "{0}\\"}, "is not a command"),
        ({"latex": r"\begin{{x}}"}, r"\\begin is not"), ({"latex": "{0}$"}, r"\$ must have a backslash"),
        ({"latex": "{0} % "}, "% must have a backslash"), ({"latex": "^^5cinput"}, r"\^\^ must have"),
        ({"latex": "{{{0}"}, "braces do not match"), ({"latex": "{0}}}{{"}, "braces do not match"),
        ({"latex": r"\left({0})"}, r"each \\left needs a \\right"), ({"role": "other"}, "role must be 'activation'"),
    ],
)  # fmt: skip
def test_texts_that_an_operation_cannot_have(details, says):
    with pytest.raises(OperationError, match=says):
        own(**details)
    assert "own" not in TABLE
    assert not hasattr(Value, "own")


def test_the_entries_of_the_table_pass():
    for name, entry in TABLE.items():
        details = {**vars(entry), "symbol": entry.form}
        check_texts(name, details, 9 if entry.text == "" else entry.arity, entry.parameters)


def test_usual_texts_pass():
    own(
        "norm", 2, text="|{0}, {1}|", latex=r"\left\lVert {0}, {1} \right\rVert_{{2}}", symbol="‖·‖", hint="100 % of x!"
    )
    unregister("norm")
    own("größe", text="größe({0})")
    x = Value(2.0, "x")
    assert str(engine.formula(TABLE["größe"](x))).startswith("größe(x)")
    register("scaled", lambda x, by: x * by, lambda x, out, by: (by,), parameters={"by": 2.0}, symbol="* {by}",
             text="{0} * {by}", latex=r"{by} \cdot {0}")  # fmt: skip
    assert TABLE["scaled"].bind(by=3.0).symbol == "* 3"


# --- by a grammar, through every writer ------------------------------------------------------------------------------

PIECES = [
    "{0}", "{1}", "{{", "}}", "{", "}", "(", ")", "[", "|", "f", " ", "'", '"', "'''", '"""', "\\", "\\\\", "#",
    "%", "$", "&", "&amp;", "<b>", "</script>", "]]>", "-->", "`", "*/", "/*", "//", "??/", "\\u000a", "%s",
    "{0.x}", "{0!r}", ";",
    "\n", "\r", "\u2028", "\u202e", "\x1b[31m", "\0", "\t", "é", "\u05d0", "\\left", "\\right", "\\frac", "\\href",
    "\\input", "\\text", "\\n", "^^", "_", "^", "~", "import os", "__import__('os')", "label=", "->", "|{", "@",
    "\ud800",
]  # fmt: skip


def texts(seed, count):
    draw = Random(seed)
    for _ in range(count):
        kinds = draw.sample(["text", "latex", "symbol", "hint", "domain", "convention"], draw.randint(1, 3))
        yield {kind: "".join(draw.choices(PIECES, k=draw.randint(1, 6))) for kind in kinds}


def written(loss, x):
    """Return what every writer makes of a graph."""
    loss.backward()
    program = engine.Program(loss, inputs=[x])
    explained = engine.explain(loss, x)
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(out):
        engine.debug(loss, ["next 3", "list", "print", "where", "graph", "info", "quit"], names={})
    return {
        "python": program.source, "unfolded": engine.Program(loss, fold=False, share=False, prune=False).source,
        "javascript": program.javascript, "text": explained.text, "markdown": explained.markdown,
        "latex": explained.latex, "dot": engine.draw(loss).dot, "svg": engine.draw(loss).svg,
        "page": str(engine.show_steps(loss).html), "debugger": out.getvalue(),
        "tree": str(engine.tree(loss)), "formula": str(engine.formula(loss)),
        "walk": "\n".join(map(str, engine.walk(loss))),
    }  # fmt: skip


def shape(source):
    """Return a program's syntax without what stands in comments and docstrings."""
    return re.sub(r"Constant\(value='[^']*'\)", "", ast.dump(ast.parse(source)))


def test_texts_that_pass_are_shown_by_every_writer_and_nothing_else_is():
    def graph(**details):
        operation = own("own", 2, **details)
        x = Value(2.0, "x")
        found = written((operation(x, Value(3.0, "y")) + x) * x, x)
        unregister("own")
        return found

    usual = graph()
    passed = 0
    for details in texts("through", TEXTS * 60):
        try:
            found = graph(**details)
        except OperationError as error:
            refusal = str(error)
            found = None
        if found is None:
            assert refusal.isprintable(), details
            assert "own" not in TABLE
            continue
        passed += 1
        assert shape(found["python"]) == shape(usual["python"]), details
        assert shape(found["unfolded"]) == shape(usual["unfolded"]), details
        assert not re.search(r"\\(href|input|def|write)", found["latex"]), details
        tags = re.compile(r"<\s*/?\s*(\w+)")
        assert [*map(str.lower, tags.findall(found["page"]))].count("script") == tags.findall(usual["page"]).count(
            "script"
        )
        xml.etree.ElementTree.fromstring(found["svg"])
        for name, text in found.items():
            assert all(c.isprintable() or c in "\n\u2068\u2069" for c in text), (name, details)
        if passed == TEXTS:
            break
    assert passed == TEXTS


def test_the_commands_are_those_of_formulas():
    assert not COMMANDS & {
        "href",
        "url",
        "input",
        "include",
        "write",
        "def",
        "let",
        "csname",
        "begin",
        "end",
        "special",
    }
