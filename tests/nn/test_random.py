"""Random numbers, against those recorded from PyTorch by `tests/recorded/record_pytorch.py`."""

import json
import math
from pathlib import Path

import pytest

import nn
from engine import StepgradError
from tests.interrupts import interrupted_everywhere

RECORDED = json.loads((Path(__file__).parents[1] / "recorded" / "random.json").read_text())


def flat(nested):
    return [x for part in nested for x in flat(part)] if isinstance(nested, list) else [nested]


@pytest.mark.parametrize("seed", RECORDED["seeds"], ids=int)
def test_the_numbers_are_those_of_pytorch(seed):
    recorded = RECORDED["seeds"][seed]
    nn.manual_seed(int(seed))
    drawn = {
        "randn 3": nn.randn(3),
        "randn 2x2": nn.randn(2, 2),
        "rand 4": nn.rand(4),
        "randn 16": nn.randn(16),
        "randn 1": nn.randn(1),
        "randn 37": nn.randn(37),
        "randperm 9": nn.shuffled(9),
        "uniform 5": nn.uniform(-0.5, 2.0, 5),
        "randn 5": nn.randn(5),
        "rand 2": nn.rand(2),
        "randn 4": nn.randn(4),
        "randn 2x3x4": nn.randn(2, 3, 4),
    }
    for name, numbers in drawn.items():
        assert flat(numbers) == pytest.approx(flat(recorded[name]), rel=1e-5, abs=1e-6), name
    layer = nn.Layer(3, 4)
    linear = recorded["linear 3 -> 4"]
    assert [[w.data for w in neuron.weights] for neuron in layer.neurons] == [
        pytest.approx(row, rel=1e-5, abs=1e-7) for row in linear["weights"]
    ]
    assert [neuron.bias.data for neuron in layer.neurons] == pytest.approx(linear["bias"], rel=1e-5, abs=1e-7)


def test_normal_numbers_of_every_count_are_those_of_pytorch():
    for numbers in RECORDED["randn of so many, with the count as seed"]:
        nn.manual_seed(len(numbers))
        assert nn.randn(len(numbers)) == pytest.approx(numbers, rel=1e-5, abs=1e-6), len(numbers)


def test_shapes():
    nn.manual_seed(0)
    assert isinstance(nn.randn(), float)
    assert isinstance(nn.rand(), float)
    assert isinstance(nn.uniform(0.0, 1.0), float)
    assert nn.rand(0) == []
    assert nn.randn(2, 0) == [[], []]
    assert [len(row) for row in nn.randn(2, 3)] == [3, 3]
    for bad in (-1, 1.5, "2", True):
        with pytest.raises(TypeError, match="whole numbers"):
            nn.rand(2, bad)


def test_the_distributions_are_as_named():
    nn.manual_seed(7)
    uniform, normal = nn.rand(20_000), nn.randn(20_000)
    assert min(uniform) >= 0.0
    assert max(uniform) < 1.0
    assert sum(uniform) / 20_000 == pytest.approx(0.5, abs=0.01)
    assert sum(normal) / 20_000 == pytest.approx(0.0, abs=0.03)
    assert sum(x * x for x in normal) / 20_000 == pytest.approx(1.0, abs=0.03)
    assert all(map(math.isfinite, normal))
    assert sorted(nn.shuffled(100)) == list(range(100))


@pytest.mark.parametrize("seed", [1.5, "1", None, True])
def test_a_seed_is_an_integer(seed):
    with pytest.raises(TypeError, match="seed must be an integer"):
        nn.manual_seed(seed)


def test_a_seed_may_be_an_integer_of_numpy():
    numpy = pytest.importorskip("numpy")
    assert nn.Generator(numpy.int64(7)).rand(3) == nn.Generator(7).rand(3)


def test_negative_and_large_seeds_are_taken_by_their_lowest_bits():
    assert nn.Generator(-3).rand(3) == nn.Generator(2**64 - 3).rand(3) == nn.Generator(2**32 - 3).rand(3)


def test_a_state_goes_on_where_it_was():
    nn.manual_seed(3)
    nn.randn(3)  # leaves one number of a pair behind
    state = json.loads(json.dumps(nn.random_state()))
    expected = nn.randn(5), nn.rand(2)
    nn.restore_random_state(state)
    assert (nn.randn(5), nn.rand(2)) == expected


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s.pop("words"),
        lambda s: s.update(words=[1, 2, 3]),
        lambda s: s.update(words=["x"] * 625),
        lambda s: s.update(words=[-1] * 625),
        lambda s: s.update(kept="no"),
        lambda s: s.update(words=None),
        lambda s: s.update(drawn=["x"]),
        lambda s: s.update(drawn=3),
    ],
)
def test_a_broken_state_is_refused_and_changes_nothing(change):
    nn.manual_seed(3)
    state = nn.random_state()
    change(state)
    with pytest.raises(StepgradError, match="not a state of a random generator"):
        nn.restore_random_state(state)
    assert nn.rand(2) == nn.Generator(3).rand(2)


DRAWS = {
    "uniform": lambda g: g.uniform(0.0, 1.0, 5),
    "normal": lambda g: g.randn(4),
    "normal in blocks": lambda g: g.randn(21),
    "bernoulli": lambda g: g.bernoulli(0.5, 3),
    "permutation": lambda g: g.shuffled(6),
    "order of an epoch": lambda g: nn.random.epoch_order(6, g),
    "seed of a loader": lambda g: g.seed_of_loader(),
}


def begun():
    generator = nn.Generator(5)
    generator.randn(3)  # leaves one number of a pair behind
    return generator


@pytest.mark.parametrize("name", DRAWS)
def test_an_interrupted_draw_is_whole_or_has_not_happened(name):
    draw = DRAWS[name]
    after = begun()
    expected = [draw(after), draw(after)], after.randn(20)
    outcomes = set()
    for generator, place in interrupted_everywhere(begun, draw):
        twin = nn.Generator(0)
        twin.restore(json.loads(json.dumps(generator.state())))  # also where words are drawn and not used up
        for each in (generator, twin):
            first = draw(each)
            whole = first == expected[0][1]
            assert [first, *([] if whole else [draw(each)])] == expected[0][whole:], place
            assert each.randn(20) == expected[1], place
        outcomes.add(whole)
    assert False in outcomes
