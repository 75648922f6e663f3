"""record_source: where nodes were made."""

import linecache
import timeit
from pathlib import Path

import pytest

import engine
import nn
from engine import DomainError, UndefinedDerivativeError, Value, record_source, walk
from engine.recording.source import statement_at


def test_each_node_knows_file_line_text_and_function():
    with record_source():
        a = Value(2.0, "a")
        b = a * 3.0
    assert b.source.file == __file__
    assert b.source.text == "b = a * 3.0"
    assert b.source.function == "test_each_node_knows_file_line_text_and_function"
    assert a.source.line + 1 == b.source.line
    assert b.inputs[1].source == b.source
    assert (Value(1.0) * 2.0).source is None
    assert str(b.source) == f"{__file__}:{b.source.line}: b = a * 3.0"
    assert b.source.place == f"test_source.py:{b.source.line}"


def test_statements_over_several_lines_are_one_text():
    with record_source():
        total = sum(
            [
                Value(1.0),  # the first
                Value(2.0),
            ]
        )
    assert total.source.text == "total = sum([Value(1.0), Value(2.0),])"


def test_long_statements_are_shortened():
    lines = ("x = " + " + ".join(["a"] * 100) + "\n",)
    assert statement_at(lines, 1).endswith("...")
    assert len(statement_at(lines, 1)) == 100


def test_text_that_is_no_python_or_not_there():
    assert statement_at(("%magic\n", "y = 2\n"), 2) == "y = 2"
    assert statement_at(("(\n", "z\n"), 2) == "z"
    assert statement_at((), 1) == ""
    assert statement_at(("a\n",), 2) == ""


def test_code_without_a_file_and_code_from_a_notebook():
    namespace = {"Value": Value, "record_source": record_source}
    exec(compile("with record_source():\n    v = Value(1.0) * 2.0", "<typed>", "exec"), namespace)
    assert (namespace["v"].source.text, namespace["v"].source.line) == ("", 2)
    assert str(namespace["v"].source) == "<typed>:2"
    cell = "with record_source():\n    w = Value(1.0) * 2.0\n"
    linecache.cache["<cell>"] = (len(cell), None, cell.splitlines(keepends=True), "<cell>")
    exec(compile(cell, "<cell>", "exec"), namespace)
    assert namespace["w"].source.text == "w = Value(1.0) * 2.0"


def test_errors_and_steps_name_the_line():
    with record_source():
        x = Value(0.0, "x")
        root = engine.sqrt(x)
    with pytest.raises(UndefinedDerivativeError, match=r"root = engine\.sqrt\(x\)"):
        root.backward()
    with pytest.raises(DomainError, match=r'x was made at .*x = Value\(0.0, "x"\)'):
        engine.log(x)
    with record_source(), pytest.raises(DomainError, match="It was computed at .*1.0 / x"):
        _ = 1.0 / x
    with record_source():
        y = x * 2.0
    assert "test_source.py:" in str(walk(y)[-1])
    assert "test_source.py:" in str(walk(y)[1])


def test_notes_show_only_what_is_known():
    with record_source(), engine.scope("part"):
        v = Value(1.0, "v")
    assert repr(v.note).startswith("Note(label='v', scope=('part',), source=Source(")
    assert repr(engine.recording.context.Note()) == "Note()"


def test_it_costs_nothing_when_off():
    """Recording reads one empty list; inside record_source it walks the stack, many times as long."""
    a, b = Value(1.0), Value(2.0)
    off = min(timeit.repeat(lambda: a * b, number=2000, repeat=5))
    with record_source():
        on = min(timeit.repeat(lambda: a * b, number=2000, repeat=5))
    assert off < on
    assert not engine.recording.context.entered


def test_nodes_made_by_nn_carry_the_users_line():
    model = nn.MLP(2, [3, 1])
    with record_source():
        outputs = model([1.0, 2.0])
        loss = nn.mean_squared_error([outputs], [1.0])
    made = {node.source for node in engine.topological_order(loss) if node.source}
    assert {Path(source.file).name for source in made} == {"test_source.py"}
    assert {source.text for source in made} == {
        "outputs = model([1.0, 2.0])",
        "loss = nn.mean_squared_error([outputs], [1.0])",
    }
