"""The benchmarks themselves: what they refuse, that all peers that are here agree, and what they print."""

import gc
import importlib.util
import random
from dataclasses import replace
from functools import lru_cache
from statistics import fmean

import pytest

from tests.benchmarks import __main__ as program
from tests.benchmarks.measure import Effort, Speed, break_even, check_agreement, measure, ratio, ready
from tests.benchmarks.peers import OURS, PEERS, LeftOut, Peer, Training
from tests.benchmarks.report import Report
from tests.benchmarks.workloads import W1, W2, W4, Functions, chain, classifier, fan, names_training


def is_here(module):
    return not module or importlib.util.find_spec(module) is not None


pytestmark = pytest.mark.slow
HERE = [name for name, peer in PEERS.items() if is_here(peer.distribution)]
SMALL = [
    W1,
    replace(W2, inputs=W2.inputs[:3], targets=W2.targets[:3]),
    replace(W4, names=("bo", "eve")),
    chain(30),
    fan(30),
    classifier(4, 3, 2, samples=5, batch_size=2),
]


@pytest.fixture(autouse=True)
def _collector():
    """Give back to the collector what measuring sets aside."""
    yield
    gc.unfreeze()


class Known(Training):
    """A training that stands after a step, with gradients that are known."""

    def __init__(self, workload, gradients):
        super().__init__(workload)
        self.gradients = lambda: gradients


def takes_part(name, workload):
    return PEERS[name].has_matrices or not getattr(workload, "batch_size", None)


@lru_cache
def steps_of_ours(name):
    """Return the losses of our first two steps, or NumPy's, on a small workload, each with the training after it."""
    workload = next(each for each in SMALL if each.name == name)
    ours = PEERS[OURS if takes_part(OURS, workload) else "NumPy, by hand"].train(workload)
    return [(ours.step(), Known(workload, ours.gradients())) for _ in range(2)]


class Wrong(Training):
    def gradients(self):
        return [g * 1.01 for g in PEERS[OURS].train(W1).gradients()]


class Steady(Training):
    """A training that does nothing, and counts how often."""

    def step(self):
        self.steps += 1
        return 0.0

    def gradients(self):
        return [1.0]


def test_the_comparison_notices_wrong_gradients():
    with pytest.raises(AssertionError, match=f"gradients of wrong and {OURS} are .* apart"):
        check_agreement(W1, {OURS: PEERS[OURS].train(W1), "wrong": Wrong(W1)})


def test_the_comparison_notices_a_gradient_that_is_no_number():
    nan = Steady(W1)
    nan.gradients = lambda: [float("nan")]
    with pytest.raises(AssertionError, match="gradients of nan"):
        check_agreement(W1, {"right": Steady(W1), "nan": nan})


@pytest.mark.parametrize("name", HERE)
@pytest.mark.parametrize("workload", SMALL, ids=lambda w: w.name)
def test_peers_agree_in_losses_and_gradients(name, workload):
    if not takes_part(name, workload):
        trainings, _ = ready(workload, {name: PEERS[name]}, left_out := {})
        assert not trainings
        assert "takes minutes" in left_out[f"{name} on {workload.name}"]
        return
    try:
        theirs = PEERS[name].train(workload)
    except LeftOut:
        return
    for loss, ours in steps_of_ours(workload.name):
        assert theirs.step() == pytest.approx(loss, rel=1e-9)
        check_agreement(workload, {OURS: ours, name: theirs})


def test_the_gpt_begins_with_the_loss_of_a_guess_and_learns_its_name():
    training = PEERS["NumPy, by hand"].train(W4)
    losses = training.run(60)
    assert losses[0] == pytest.approx(3.3, abs=0.3)  # log(27) = 3.296
    assert losses[-1] < 0.5


def test_the_learning_rate_falls_to_zero_and_starts_again():
    assert [W4.rate(step) for step in (0, 500, 1000)] == [0.01, 0.005, 0.01]
    assert W1.rate(700) == 0.01


def test_names_are_learnt_in_a_random_order_that_is_always_the_same(tmp_path):
    file = tmp_path / "names.txt"
    file.write_text("ada\nbob\neve\nzoe\n")
    workload = names_training(file, 3)
    assert workload.names == names_training(file, 3).names
    shuffled = ["ada", "bob", "eve", "zoe"]
    random.Random(42).shuffle(shuffled)
    assert list(workload.names) == shuffled[:3]
    assert replace(workload, names=("abz",)).tokens(5) == [26, 0, 1, 25, 26]
    assert len(replace(workload, names=("a" * 30,)).tokens(0)) == 17


def test_a_file_with_other_letters_is_refused(tmp_path):
    file = tmp_path / "names.txt"
    file.write_text("ada\nJosé\n")
    with pytest.raises(ValueError, match="'José' has other letters than a to z"):
        names_training(file, 2)


def test_chains_and_fans_have_about_as_many_nodes_as_they_say():
    from engine import Value, topological_order

    functions = Functions(*[abs] * 4)
    for make in (chain, fan):
        for count in (30, 3000):
            graph = make(count)
            root = graph.loss([Value(graph.numbers[0])], functions, 0)
            assert len(topological_order(root)) == pytest.approx(count, rel=0.1)


def test_slow_peers_miss_rounds_and_quick_ones_repeat():
    class Slow(Steady):
        def step(self):
            import time

            time.sleep(0.05)
            return super().step()

    slow, quick = Slow(W1), Steady(W1)
    speeds = {"slow": Speed(0.5), "quick": Speed(0.0)}
    measure({"slow": slow, "quick": quick}, speeds, Effort(rounds=4, seconds=0.01, least=2, limit=0.35))
    assert (slow.steps, len(speeds["slow"].steps), len(speeds["quick"].steps)) == (8, 1, 4)
    assert quick.steps > 100
    assert 0.05 <= speeds["slow"].step <= 0.5
    assert speeds["slow"].one_off == pytest.approx(0.5 - speeds["slow"].step)


def test_ratios_and_break_even_points():
    slow, fast = Speed(0.0, [2.0, 4.0, 6.0]), Speed(10.0, [1.0, 1.0, 1.0, 9.0])
    assert ratio(slow, fast) == 4.0
    assert break_even(fast, slow) == pytest.approx(10.0 / 3.0)
    assert break_even(slow, fast) == float("inf")
    assert break_even(Speed(0.0, [1.0]), slow) == 0.0


def missing(workload):
    raise ImportError("No module named 'absent'")


def not_made_for_this(workload):
    raise LeftOut("it needs a crystal ball")


def too_deep(workload):
    raise RecursionError


def test_what_is_missing_is_left_out_with_the_remedy():
    left_out = {}
    peers = {
        "absent": Peer(missing, "math"),
        "no": Peer(not_made_for_this),
        "deep": Peer(too_deep),
        "here": Peer(Steady),
    }
    trainings, speeds = ready(W1, peers, left_out)
    assert list(trainings) == list(speeds) == ["here"]
    assert left_out["absent"] == "No module named 'absent'; install it with: pip install math"
    assert "crystal ball" in left_out["no on W1 2-2-3-1"]
    assert "RecursionError" in left_out["deep on W1 2-2-3-1"]


def test_the_tables_say_what_was_measured(capsys):
    program.main(["--quick", "--rounds=1", f"--peer={OURS}", "--peer=NumPy, by hand", "--workload=W1", "--workload=W3"])
    printed = capsys.readouterr().out
    assert "| stepgrad, eager |" in printed
    assert "## W3 chains" in printed
    assert "Left out: NumPy, by hand on W3 chain of 100; NumPy, by hand on W3 fan of 100: arrays make no" in printed


def test_a_whole_training_is_told_with_its_losses(tmp_path, capsys):
    file = tmp_path / "names.txt"
    file.write_text("ada\nbob\neve\nzoe\n")
    program.main(["--quick", "--rounds=1", "--peer=NumPy, by hand", "--workload=W1", f"--names={file}", "--steps=4"])
    table = capsys.readouterr().out.partition("## W4, a whole training on names")[2]
    losses = PEERS[OURS].train(names_training(file, 4)).run(4)
    assert " ".join(f"{x:.4f}" for x in losses) in table
    assert f"{fmean(losses):.4f}" in table


@pytest.mark.needs_matplotlib
def test_the_picture_is_drawn_the_same_each_time(tmp_path):
    speeds = {OURS: Speed(0.0, [0.1]), "other": Speed(0.0, [0.2])}
    report = Report(Effort(), {"W1": speeds}, {"chain": {OURS: {10: 1e-6, 100: 1e-6}}})
    table, picture = report.write(tmp_path)
    first = picture.read_text()
    assert "stepgrad, eager" in first
    assert "| other " in table.read_text()
    assert report.write(tmp_path)[1].read_text() == first
