"""Hold the speed to what the project promises, as ratios against another library in the same run."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmarks.measure import check_agreement
from tests.benchmarks.peers import PEERS
from tests.benchmarks.workloads import W1

ROOT = Path(__file__).parents[2]


def test_eager_steps_are_faster_than_micrograd():
    clean = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    command = [sys.executable, "-m", "tests.benchmarks", "--rounds", "3", "--json"]
    run = subprocess.run(command, cwd=ROOT, env=clean, capture_output=True, text=True, check=True)
    ratios = json.loads(run.stdout)
    assert ratios["W1 2-2-3-1"]["micrograd"] >= 2.0
    assert ratios["W2 moons"]["micrograd"] >= 15.0


def test_the_comparison_notices_wrong_gradients():
    class Wrong:
        def gradients(self):
            return [g * 1.01 for g in PEERS["stepgrad, eager"](W1).gradients()]

    with pytest.raises(AssertionError, match="gradients of wrong"):
        check_agreement(W1, {"right": PEERS["stepgrad, eager"](W1), "wrong": Wrong()})
