"""The command save, and saved graphs as targets of the other commands."""

import io
import json
import sys
from pathlib import Path

import pytest

import engine
from engine.cli.target import load_function
from tests.engine.cli.programs import TRAINING
from tests.engine.debugger.dap.client import Client


@pytest.fixture
def saved(run, program):
    program(TRAINING, "train.py")
    status, out, err = run("save", "train.py", "-o", "graph.json")
    assert (status, out) == (0, "graph.json\n"), err
    return "graph.json"


def test_every_command_shows_a_saved_graph_as_it_shows_the_program(run, saved):
    for line in (
        ["explain", "{}", "--wrt", "w[0]"],
        ["explain", "{}", "--now", "--json"],
        ["check", "{}", "--json"],
        ["draw", "{}", "-o", "x.dot"],
        ["page", "{}", "-o", "x.html"],
        ["program", "{}"],
        ["debug", "{}", "-x", "lesson.txt", "--update", "0.1"],
    ):
        Path("lesson.txt").write_text("next 30\nprint\nwhy w[0]\nquit\n")
        results = []
        for target in ("train.py", saved):
            printed = run(*(part.format(target) for part in line))
            files = {name: Path(name).read_text() for name in ("x.dot", "x.html") if Path(name).exists()}
            results.append((printed, files))
        assert results[0] == results[1]
        assert results[0][0][0] == 0


def test_a_node_of_a_saved_graph_and_a_graph_from_standard_input(run, saved, monkeypatch):
    status, out, _ = run("explain", f"{saved}:v5", "--wrt", "w[0]", "--now")
    assert status == 0
    assert "v4 = v3 + b" in out
    text = Path(saved).read_text()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    assert run("check", "-", "--wrt", "b", "--now")[0] == 0
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text[:80].encode())))
    status, _, err = run("check", "-")
    assert (status, "damaged or cut short" in err) == (1, True)


def test_wrong_calls_say_what_is_wrong(run, saved):
    for arguments, says in [
        (["draw", f"{saved}:lost"], f"{saved} has no node named 'lost'; did you mean 'loss'"),
        (["draw", saved, "a=2"], "numbers such as a=... are for expressions; graph.json has its own"),
        (["draw", "absent.json"], "there is no file absent.json"),
        (["save", "a*b", "a=1", "b=2", "-o", "x.txt"], "a graph must be saved as .json, not 'x.txt'"),
        (["save", saved, "-o", saved], "--out must be another file than the target graph.json"),
        (["save", "train.py", "-o", "none/x.json"], "the folder none does not exist"),
    ]:
        status, _, err = run(*arguments)
        assert (status, says in err) == (1, True), err
    with pytest.raises(engine.StepgradError, match=r"graph.json is a saved graph, not a program"):
        load_function(saved, "backward")
    Path("other.json").write_text("{}")
    status, _, err = run("page", "other.json")
    assert err == "stepgrad: other.json: not a saved graph: this file was not written by engine.save_graph\n"


def test_what_is_called_a_graph_is_never_run(run, saved):
    Path("evil.json").write_text("import pathlib; pathlib.Path('ran').touch()")
    for line in (["doctor"], ["draw"], ["verify"], ["lab"], ["debug"], ["explain"], ["save"]):
        assert run(*line, "evil.json")[0] == 1
    assert not Path("ran").exists()
    status, out, _ = run("doctor", saved)
    assert (status, "parameters examined" in out) == (0, True)
    assert run("doctor", "train.py:loss")[1] == out


def test_gradients_are_saved_if_they_are_wanted(run):
    run("save", "a*b", "a=1", "b=2")
    assert engine.load_graph("graph.json").grad == 1.0
    run("save", "a*b", "a=1", "b=2", "--no-backward")
    assert engine.load_graph("graph.json").grad is None
    assert "grad" not in Path("graph.json").read_text().replace("stepgrad", "")


def test_an_editor_steps_through_a_saved_graph(run, saved, folder):
    client = Client()
    client.start(program=str(folder / saved), start="update", update=0.1)
    assert client.here == "w[0] = w[0] - 0.1 * w[0].grad"
    client.move("stepBack")
    assert Path(client.frames[1]["source"]["path"]).name == "train.py"
    assert set(client.scope("Parameters")) == {"w[0]", "b"}
    assert json.loads(Path(saved).read_text())["version"] == 1
