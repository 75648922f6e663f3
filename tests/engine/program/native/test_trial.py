"""Trials of libraries: right ones pass, and each wrong one is noticed."""

import io
import math
import runpy
import sys
from array import array

import pytest

import engine
from engine import CompilerError, Program, Value
from engine.program.lowering import Apply, Lowered, Sum
from engine.program.native import backend as native
from engine.program.native import library, programs, trial, tried
from engine.program.native.library import QUICK
from engine.program.native.trial import Call
from tests.engine.program.native.test_compiler import fake, folder

pytestmark = pytest.mark.slow

__all__ = ["fake", "folder"]  # fixtures
UNIT = (native.RUNTIME.with_name("unit.c")).read_text()
DOUBLE = """
static void doubled(double *x, int64_t count, const int32_t *code, const int32_t *end) {
  for (int64_t i = 0; i < count; i++) x[i] = 2.0 * x[i] + (double)(end - code);
}
void *pointer_to_doubled(void) { return (void *)doubled; }
"""
CALL = Call("doubled", [array("d", [1.0, 2.0, 3.0]), 2, array("i", [7, 7]), None], [[4.0, 6.0, 3.0], [7, 7]])


def tried_with(calls, source=DOUBLE):
    """Return the fault that is found by calls, and by the same calls in this process."""
    found = []

    def find(path):
        found.append(trial.fault_of_calls(path, calls))
        given = [
            (each.function, [x.tobytes() if isinstance(x, array) else x for x in each.arguments]) for each in calls
        ]
        found.append(tried.answer(repr((str(path), given))))
        return ""

    library.library(UNIT + source, QUICK, find)
    return found


@pytest.mark.needs_compiler
def test_right_calls_pass():
    fault, answers = tried_with([CALL, CALL])
    assert fault == ""
    assert answers.count("(False, [") == 2


@pytest.mark.needs_compiler
@pytest.mark.parametrize("expected", [[4.0, 6.0, 3.5], [4.0, 6.0 + 1e-6, 3.0], [math.nan, 6.0, 3.0], [4.0, -6.0, 3.0]])
def test_wrong_numbers_are_noticed(expected):
    fault, _ = tried_with([CALL, CALL._replace(expected=[expected, [7, 7]])])
    assert fault == "what it built computes wrong numbers, in doubled"


@pytest.mark.needs_compiler
def test_numbers_that_do_not_matter_or_differ_by_rounding_pass():
    assert tried_with([CALL._replace(expected=[[None, 6.0 * (1.0 + 1e-12), 3.0], [7, 7]])])[0] == ""


@pytest.mark.needs_compiler
def test_where_there_is_trouble_the_answer_is_left_to_python():
    source = DOUBLE.replace("x[i] =", "x[i] = feraiseexcept(FE_INVALID),")
    assert tried_with([CALL._replace(expected=[[9.0] * 3, [7, 7]])], source)[0] == ""


@pytest.mark.needs_compiler
def test_the_script_answers_what_it_is_asked(monkeypatch, capsys):
    def find(path):
        monkeypatch.setattr(sys, "stdin", io.StringIO(repr((str(path), []))))
        runpy.run_path(tried.__file__, run_name="__main__")
        return ""

    library.library(UNIT + DOUBLE + "/* once more */", QUICK, find)
    assert capsys.readouterr().out == "[]\n"


@pytest.mark.needs_compiler
@pytest.mark.parametrize("kind", ["runtime", "tapes"])
def test_the_shared_libraries_compute_what_python_does(kind, monkeypatch, capsys):
    real, faults = native.runtime, {name: getattr(trial, f"fault_of_{name}") for name in programs.RESULTS}
    results = []

    def find(path):
        assert faults[kind](path) == ""
        monkeypatch.setattr(sys, "argv", ["", kind, str(path)])
        trial.main()
        results.extend(programs.RESULTS[kind](str(path)))
        monkeypatch.setitem(programs.RESULTS, kind, lambda path: [("a part", [1.0], [1.0]), ("another", [1.0], [2.0])])
        trial.main()
        return ""

    monkeypatch.setattr(trial, f"fault_of_{kind}", find)
    if kind == "runtime":
        real.__wrapped__()
    else:
        w = Value(0.5)
        native.as_tape(Program(w.tanh(), parameters=[w]).plan)
    native.runtime = real
    assert capsys.readouterr().out == "what it built computes wrong numbers, in another\n"
    assert len(results) > 6
    for name, found, expected in results:
        assert found == pytest.approx(expected, rel=1e-12), name


def test_what_python_has_no_number_for_does_not_matter():
    numbers = [0.0, 2.0, None, *[None] * 5]
    trial.follow(
        [
            Apply(3, engine.log, (0,)),
            Apply(4, engine.log, (1,)),
            Apply(5, engine.exp, (3,)),
            Sum(6, [(1, 1), (4, 3)]),
            Sum(7, []),
        ],
        numbers,
    )
    assert numbers[3:] == [None, math.log(2.0), None, None, 0.0]


def test_numbers_are_those_of_the_recording_moved_for_each_sample():
    x, w = Value(2.0), Value(3.0)
    plan = Program(w * x, [x, Value(1.0)], [w]).plan
    for samples, expected in ((True, [3.0, 2.0625, 0.0625]), (False, [3.0625, 2.0625, 0.0625])):
        assert trial.numbers_of(Lowered(plan, samples), 1)[:3] == expected


@pytest.mark.needs_compiler
@pytest.mark.parametrize("wrong", [False, True])
def test_code_for_many_samples_is_tried(wrong, fake):
    fake(
        'grep -q "void each" program.c && sed -i "s/tanh(s/sinh(s/" program.c\nexec "$real" "$@"'
        if wrong
        else 'exec "$real" "$@"'
    )
    x, y, w = Value(0.5, "x"), Value(0.25, "y"), Value(2.0, "w")
    units = [(w * x + w).tanh() * y + w * w for _ in range(3)]
    loss = sum(((w * units[0] + w * units[1] + w * units[2]).tanh() - y) * w for _ in range(2))
    program, expected = [Program(loss, [x, y], [w], backend=backend) for backend in ("native", "python")]
    rows = [[0.25, 0.5], [0.75, 0.125], [0.5, 0.25]]
    if wrong:
        with pytest.raises(CompilerError, match="computes wrong numbers, in each"):
            program.batch(rows)
    else:
        assert program.batch(rows) == expected.batch(rows)


@pytest.mark.needs_compiler
def test_a_library_that_ends_its_process_with_success_is_noticed():
    source = DOUBLE.replace("for (int64_t", "_Exit(0); for (int64_t").replace(
        "static void", "#include <stdlib.h>\nstatic void", 1
    )
    found = []

    def find(path):
        found.append(trial.fault_of_calls(path, [CALL]))
        return ""

    library.library(UNIT + source, QUICK, find)
    assert found == ["what it built does not answer"]
