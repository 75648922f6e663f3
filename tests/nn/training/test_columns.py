"""What an optimiser remembers, handed over as columns: it is what it would be as dictionaries, whoever asks."""

import copy
import pickle

import pytest

import nn
from nn.training.columns import ColumnStates

DATA = [[0.5, -1.0], [1.0, 2.0], [0.1, 0.3]], [1.0, 0.0, 0.5]
KINDS = {
    "Adam": lambda p: nn.Adam(p, lr=0.02), "SGD": lambda p: nn.SGD(p, lr=0.02, momentum=0.9),
    "RMSprop": lambda p: nn.RMSprop(p, lr=0.02), "Adagrad": lambda p: nn.Adagrad(p, lr=0.02),
    "AdamW": lambda p: nn.AdamW(p, lr=0.02),
}  # fmt: skip


def trained(backend, kind, change=lambda optimiser: None, epochs=6):
    nn.manual_seed(3)
    model = nn.MLP(2, [3, 1], activation="tanh")
    optimiser = KINDS[kind](model.parameters())

    class Changing(nn.training.Callback):
        def after_epoch(self, run):
            if run.epoch % 2 == 0:
                change(optimiser)

    nn.fit(model, DATA, optimiser=optimiser, epochs=epochs, batch_size=2, backend=backend, shuffle=False,
           callbacks=[Changing()], progress=False)  # fmt: skip
    return [p.data for p in model.parameters()], optimiser.states


def look(optimiser):
    assert all(isinstance(state, dict) for state in optimiser.states)


def edit(optimiser):
    for name in optimiser.states[0]:
        optimiser.states[0][name] *= 1.0 if name == "steps" else 0.5


def replace(optimiser):
    optimiser.states[1] = {name: number if name == "steps" else 0.25 for name, number in optimiser.states[1].items()}


def start_again(optimiser):
    optimiser.states = [{} for _ in optimiser.parameters]


@pytest.mark.parametrize("change", [lambda optimiser: None, look, edit, replace, start_again])
@pytest.mark.parametrize("backend", ["python", pytest.param("native", marks=pytest.mark.needs_compiler)])
@pytest.mark.parametrize("kind", KINDS)
def test_states_that_are_looked_at_or_changed_are_those_of_eager_training(kind, backend, change):
    numbers, states = trained(backend, kind, change)
    expected, rows = trained("eager", kind, change)
    assert numbers == pytest.approx(expected, rel=1e-12)
    assert [*map(set, states)] == [*map(set, rows)]
    for state, row in zip(states, rows, strict=True):
        assert state == pytest.approx(row, rel=1e-12)


def test_parameters_that_the_loss_does_not_reach_keep_their_states():
    model = nn.MLP(2, [2, 1], activation="tanh")
    spare = nn.Neuron(1)
    optimiser = nn.Adam([*spare.parameters(), *model.parameters()], lr=0.01)
    for _ in range(3):
        nn.fit(model, DATA, optimiser=optimiser, epochs=2, backend="python", progress=False)
        assert optimiser.states[: len(spare.parameters())] == [{}, {}]
        assert all(optimiser.states[len(spare.parameters()) :])


def test_columns_are_a_sequence_of_dictionaries_that_copies_and_compares():
    states = ColumnStates([{}, {"m": 9.0}, {}], [0, 2], {"m": [1.0, 2.0], "v": [3.0, 4.0]})
    rows = [{"m": 1.0, "v": 3.0}, {"m": 9.0}, {"m": 2.0, "v": 4.0}]
    for each in (states, copy.deepcopy(states), pickle.loads(pickle.dumps(states))):
        assert each == rows
        assert rows == each
        assert (len(each), each[1:], repr(each)) == (3, rows[1:], repr(rows))
    assert states != rows[:2]


def test_hand_backs_do_not_hold_on_to_those_before():
    first = ColumnStates([{}, {}], [0], {"m": [1.0]})
    second = ColumnStates(first, [0], {"m": [2.0]})
    assert second._before is first._before
    first[0]
    third = ColumnStates(first, [0], {"m": [3.0]})
    assert third == [{"m": 3.0}, {}]
