"""Random trainings of the kinds in `fuzz`, and that their judge notices what is wrong."""

import pytest

from engine.program.native import backend as native
from nn.training import backends
from tests.nn.training.fuzz import trainings
from tests.nn.training.fuzz.trainings import Case, judged

SEEDS = range(0, 60, 6)
BACKENDS = ["auto", "python", pytest.param("native", marks=pytest.mark.needs_compiler)]


@pytest.fixture(autouse=True)
def interpreted(monkeypatch):
    for name in ("MAX_STRAIGHT", "MAX_STRAIGHT_FOR_ROWS"):
        monkeypatch.setattr(native, name, 0)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("first", SEEDS)
def test_whatever_computes_the_numbers_are_the_same(first, backend):
    for seed in range(first, first + SEEDS.step):
        case = Case(seed)
        trouble, _ = judged(case, case.run("eager"), backend)
        assert trouble == "", f"python -m tests.nn.training.fuzz --case {seed}: {case.name}: {trouble}"


def test_one_number_that_differs_is_noticed(monkeypatch):
    case = Case(15)
    expected = case.run("eager")
    assert judged(case, expected, "python") == ("", "python")
    gradients_of = backends.gradients_of

    def wrong(program, rows):
        loss, gradients = gradients_of(program, rows)
        return loss * (1.0 + 1e-15), gradients

    monkeypatch.setattr(backends, "gradients_of", wrong)
    trouble, how = judged(case, expected, "python")
    assert how == "python"
    assert trouble.startswith("losses[")


def test_an_error_where_eager_trains_is_noticed(monkeypatch):
    case = Case(15)
    expected = case.run("eager")

    def raising(*_):
        raise ValueError("something else")

    monkeypatch.setattr(backends.Replayed, "gradients", raising)
    trouble, how = judged(case, expected, "auto")
    assert how == "raised"
    assert trouble.startswith("ValueError: something else")


def test_the_program_says_what_it_found(capsys):
    assert trainings.main(["--cases", "3", "--backends", "auto,python"]) == 0
    assert capsys.readouterr().out.endswith("      0  differ \n")
    assert trainings.main(["--case", "3", "--backends", "auto"]) == 0
