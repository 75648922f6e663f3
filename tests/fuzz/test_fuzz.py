"""A few inputs for each target of `make fuzz`; and wrong readers, which it must find out."""

import json
import os
import random
from collections import Counter

import pytest

from engine import StepgradError

pytest.importorskip("resource", reason="needs limits of time and memory for a process; run it on Linux or macOS")

from . import harness
from .harness import by_grammar, own_folder, problem
from .targets import TARGETS, Target

INPUTS = int(os.environ.get("STEPGRAD_FUZZ", "25"))  # for each target
SLOW = {"commands": 0.4, "pages": 0.2}


@pytest.mark.parametrize("name", TARGETS)
def test_readers_keep_what_they_promise(name):
    found = list(by_grammar(name, 1, range(max(2, int(INPUTS * SLOW.get(name, 1.0))))))
    assert not found, f"{found[0][1]!r}\n{found[0][2]}"


@pytest.mark.parametrize("name", TARGETS)
def test_inputs_come_again_by_their_numbers_and_differ(name):
    draw = TARGETS[name].draw
    with own_folder():
        drawn = [[repr(draw(random.Random(f"{seed}"))) for seed in range(20)] for _ in range(2)]
    assert drawn[0] == drawn[1]
    assert len(set(drawn[0])) > 8


def test_some_inputs_are_right_and_some_are_wrong():
    for name in ("expressions", "conditions", "capsules", "tables"):
        verdicts = Counter[bool]()
        with own_folder():
            for number in range(200):
                try:
                    TARGETS[name].run(TARGETS[name].draw(random.Random(number)))
                    verdicts[True] += 1
                except StepgradError:
                    verdicts[False] += 1
        assert min(verdicts[True], verdicts[False]) > 5, (name, verdicts)


def endless(given):
    while given:
        pass


@pytest.mark.parametrize(
    ("run", "says"),
    [
        (json.loads, "JSONDecodeError"),
        (lambda given: {}[given], "KeyError"),
        (endless, "Hang: longer than 0.05 s"),
        (lambda given: TARGETS["answers"].run(given) or 1 / 0, "ZeroDivisionError"),
    ],
)
def test_what_is_not_promised_is_found(run, says):
    limit = 0.05 if run is endless else harness.LIMIT
    assert says in problem(Target(1, str, run), "{", limit)
    assert not problem(Target(1, str, len), "{")


def test_what_takes_too_much_memory_is_found():
    with harness.memory_limit(2**26):
        assert "MemoryError" in problem(Target(1, str, lambda given: bytes(2**28)), "")
    assert not problem(Target(1, str, lambda given: bytes(2**27)), "")


def test_the_program_prints_what_it_found_and_how_to_have_it_again(monkeypatch, capsys):
    def wrong(given):
        raise KeyError(given)

    monkeypatch.setitem(TARGETS, "answers", TARGETS["answers"]._replace(run=wrong))
    monkeypatch.setattr(harness, "find_spec", lambda name: None)
    monkeypatch.setattr("sys.argv", ["fuzz", "answers", "tables", "--inputs", "50", "--seed", "7"])
    assert harness.main() == 1
    printed = capsys.readouterr().out
    assert "answers --seed 7 --only 3: " in printed
    assert "KeyError" in printed
    assert "answers: 7 inputs by grammar, 7 failed, 0 s\ntables: 4 inputs by grammar, 0 failed, 0 s\n" in printed
    monkeypatch.setattr("sys.argv", ["fuzz", "protocol", "--only", "3"])
    assert harness.main() == 0
    assert capsys.readouterr().out == "protocol: 1 inputs by grammar, 0 failed, 0 s\n"
