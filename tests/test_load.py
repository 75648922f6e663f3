"""The loads of `make test-long`, small; and what is found out."""

import pytest

from . import load


@pytest.mark.parametrize("name", load.LOADS)
def test_a_small_load_is_light(name, capsys):
    assert load.measure(name, 1000) == 0
    assert capsys.readouterr().out.startswith(f"{name} of 1,000: ")


def test_a_load_that_takes_too_much_is_found(monkeypatch, capsys):
    monkeypatch.setattr(load, "MEMORY", -1)
    assert load.measure("fan", 100) == 1
    monkeypatch.setattr(load, "MEMORY", 2e9)
    monkeypatch.setattr(load, "SECONDS", 0.0)
    assert load.measure("chain", 100) == 1
    monkeypatch.setattr(load, "GROWTH", -1.0)
    with pytest.raises(AssertionError, match="bytes more than after 1 steps"):
        load.measure("steps", 100)
