"""The command doctor."""

import re
import runpy
from pathlib import Path

import pytest

from engine import record_source
from engine.cli.app import main
from engine.cli.commands.doctor import HISTORIES
from engine.cli.target import PARAMETERS
from engine.doctor.finding import Diagnosis

from ..programs import TRAINING

MISTAKES = sorted((Path(__file__).parents[4] / "demos" / "mistakes").glob("[a-z]*.py"))


def codes(text):
    return re.findall(r"^(?:error|warning|note): .* \[([a-z-]+)\]$", text, re.MULTILINE)


@pytest.mark.parametrize("path", MISTAKES, ids=lambda p: p.stem)
def test_doctor_finds_each_mistake_in_the_program_itself(path, capsys):
    with record_source():
        known = runpy.run_path(str(path))["found"]
    with_own_words = capsys.readouterr().out
    status = main(["doctor", str(path)])
    out = capsys.readouterr().out
    assert out.startswith(with_own_words)
    assert codes(out[len(with_own_words) :]) == known.codes != []
    assert status == int({finding.severity for finding in known} != {"note"})


def test_doctor_finds_nothing_in_healthy_training(run, program):
    status, out, err = run("doctor", program(TRAINING))
    assert (status, out, err) == (0, "No trouble found (3 backward passes, 3 updates and 2 parameters examined).\n", "")


def test_doctor_takes_an_expression(run):
    status, out, _ = run("doctor", "square = x*x; square - 1", "x=1e200")
    assert (status, codes(out)) == (1, ["not-finite"])
    assert run("doctor", "tanh(a*b)", "a=0.5", "b=1")[0] == 0


def examined(monkeypatch, target):
    """Return the parameters and the history that the doctor is asked with."""
    asked = []

    def diagnose(root, parameters, history, variables):
        asked.append((parameters, history))
        return Diagnosis([], "nothing")

    with monkeypatch.context() as patch:
        patch.setattr("engine.doctor.diagnosis.diagnose", diagnose)
        assert main(["doctor", target]) == 0
    return asked[0]


MODEL = """
from engine import Value
class Model:
    def __init__(self, *numbers):
        self.numbers = [Value(x) for x in numbers]
    def parameters(self):
        yield from self.numbers
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", None),
        ("model = Model(1.0, 2.0)", [1.0, 2.0]),
        ("one, two = Model(1.0), Model(2.0); same = two", [1.0, 2.0]),
        ("parameters = [Value(3.0), [Value(4.0)]]", [3.0, 4.0]),
        ("params = (Value(3.0),)", [3.0]),
        ("model = Model(1.0); params = [*model.parameters(), Value(2.0)]", [1.0, 2.0]),
        ("class Other: parameters = 5\nother = Other(); parameters = Model", None),
    ],
)
def test_doctor_sees_what_is_trained(monkeypatch, program, text, expected):
    found, _ = examined(monkeypatch, program(f"{MODEL}\n{text}\nroot = Value(2.0) * 3.0"))
    assert (found and [p.data for p in found]) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", None),
        ("losses = [3, 2.5, root]", [3.0, 2.5, 6.0]),
        ("losses = [x, x]", None),
        ("losses = 'abc'; history = (2.0, 1.0)", [2.0, 1.0]),
        ("loss_history = []", []),
        ("losses = {}; history = ['a']", None),
    ],
)
def test_doctor_sees_the_losses_of_the_steps(monkeypatch, program, text, expected):
    text = f"from engine import Value\nx = Value(2.0)\nroot = x * 3.0\n{text}"
    assert examined(monkeypatch, f"{program(text)}:root")[1] == expected


def test_doctor_tells_what_it_looks_for(run):
    help = run("doctor", "--help")[1]
    assert all(re.search(rf"\b{name}\b", help) for name in HISTORIES + PARAMETERS)
