"""Checks of arguments."""

import pytest

import nn
from nn.checks import choice, finite, known, positive


@pytest.mark.parametrize("number", ["1", None, True, float("nan"), float("inf"), [1.0]])
def test_numbers_must_be_finite(number):
    with pytest.raises(nn.SettingError, match="the noise must be a finite number, not"):
        finite(number, "the noise")


def test_numbers_must_be_in_their_range():
    with pytest.raises(nn.SettingError, match="the noise must be a finite number of at least 0, not -1"):
        finite(-1, "the noise", 0.0)
    with pytest.raises(nn.SettingError, match=r"the share must be a finite number from 0 to 1, not 1\.5"):
        finite(1.5, "the share", 0.0, 1.0)
    assert finite(1, "the share", 0.0, 1.0) == 1.0


def test_counts_have_a_least():
    assert positive(2, "a count", least=2) == 2
    with pytest.raises(nn.SettingError, match="a count must be a whole number of at least 2, not 1"):
        positive(1, "a count", least=2)


def test_names_must_be_known():
    assert known("one", ["one", "two"], "number") == "one"
    with pytest.raises(nn.SettingError, match="unknown number 'tow'; did you mean 'two'"):
        known("tow", ["one", "two"], "number")
    for strange in (3, None, ["one"]):
        with pytest.raises(nn.SettingError, match="unknown number .*; choose from 'one' and 'two'"):
            known(strange, ["one", "two"], "number")


def test_a_choice_is_one_of_a_few():
    assert choice("sum", ["mean", "sum"], "batch") == "sum"
    with pytest.raises(nn.SettingError, match="batch must be 'mean' or 'sum', not 'x'"):
        choice("x", ["mean", "sum"], "batch")
