"""History: what it prints, and the sequence of its epochs."""

import pytest

from nn.training import Epoch, History


def test_an_empty_history():
    assert repr(History()) == "History(0 epochs, 0 steps)"
    assert str(History(backend="eager", stopped="interrupted")) == (
        "0 steps in 0.00 s, backend: eager\nstopped: interrupted"
    )


def test_a_history_is_a_table_of_what_was_measured():
    epochs = [Epoch(1, 2, 0.5, 0.1, 0.25), Epoch(2, 4, 0.25, 0.05, 0.5)]
    history = History([0.6, 0.4, 0.3, 0.2], [0.1, 0.1, 0.1, 0.05], epochs, "python")
    assert repr(history) == "History(2 epochs, 4 steps, last loss 0.2)"
    assert str(history) == (
        "epoch  loss  rate  seconds\n"
        "    1   0.5   0.1    0.250\n"
        "    2  0.25  0.05    0.500\n"
        "4 steps in 0.75 s, backend: python"
    )
    assert history.last is epochs[1]


def test_a_history_is_a_sequence_of_epochs():
    epochs = [Epoch(number, number, 1.0 / number, 0.1, 0.0) for number in range(1, 41)]
    history = History([0.5] * 40, [0.1] * 40, epochs, "python")
    assert [epoch.number for epoch in history[::13]] == [1, 14, 27, 40]
    assert (history[-1], history[0], len(history)) == (epochs[-1], epochs[0], 40)
    assert list(history) == epochs and list(reversed(history)) == epochs[::-1] and epochs[3] in history
    assert history.losses == [0.5] * 40
    assert not History()
    with pytest.raises(IndexError):
        history[40]


def test_a_history_with_accuracies_and_a_best_epoch():
    epochs = [Epoch(1, 1, 0.5, 0.1, 0.25, 0.5, 0.75, 1.0)]
    history = History([0.5], [0.1], epochs, "native", "the loss got no better for 3 epochs", best=1)
    assert str(history) == (
        "epoch  loss  accuracy  validation loss  validation accuracy  rate  seconds\n"
        "    1   0.5     50.0%             0.75               100.0%   0.1    0.250\n"
        "1 step in 0.25 s, backend: native\n"
        "stopped: the loss got no better for 3 epochs\n"
        "parameters restored: those after epoch 1"
    )


def test_a_long_history_shows_some_epochs():
    history = History([1.0] * 500, [0.1] * 500, [Epoch(i, i, 1.0 / i, 0.1, 0.0) for i in range(1, 501)], "eager")
    lines = str(history).splitlines()
    assert len(lines) == 1 + 20 + 1
    assert [lines[1].split()[0], lines[-2].split()[0]] == ["1", "500"]
