"""Hold the speed to what the project promises, as ratios against another library in the same run."""

import pytest

from tests.benchmarks.measure import check_agreement, ratio, seconds_per_step
from tests.benchmarks.peers import PEERS
from tests.benchmarks.workloads import W1, W2


@pytest.mark.parametrize(("workload", "times_as_fast"), [(W1, 2.0), (W2, 15.0)], ids=["W1", "W2"])
def test_eager_steps_are_faster_than_micrograd(workload, times_as_fast):
    pytest.importorskip("micrograd", reason="micrograd is not installed: pip install micrograd")
    trainings = {name: PEERS[name](workload) for name in ("stepgrad, eager", "micrograd")}
    check_agreement(workload, trainings)
    times = seconds_per_step(workload, trainings, rounds=3)
    assert ratio(times, "micrograd", "stepgrad, eager") >= times_as_fast


def test_the_comparison_notices_wrong_gradients():
    class Wrong:
        def gradients(self):
            return [g * 1.01 for g in PEERS["stepgrad, eager"](W1).gradients()]

    with pytest.raises(AssertionError, match="gradients of wrong"):
        check_agreement(W1, {"right": PEERS["stepgrad, eager"](W1), "wrong": Wrong()})
