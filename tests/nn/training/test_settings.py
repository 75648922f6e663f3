"""Schedules: the formulas; that they are PyTorch's is shown by recorded trainings."""

import math

import pytest

import nn
from nn.training import constant, cosine, linear, one_cycle, step
from nn.training.settings import SCHEDULES, schedule_of


def test_schedules_begin_and_end_where_they_should():
    last = 99, 100
    assert constant()(*last) == 1.0
    assert (step(40)(0, 100), step(40)(*last)) == (1.0, pytest.approx(0.01))
    assert (cosine(0.1)(0, 100), cosine(0.1)(100, 100)) == (1.0, pytest.approx(0.1))
    assert (linear(0.5)(0, 100), linear(0.5)(100, 100)) == (1.0, 0.5)
    assert one_cycle()(0, 100) == pytest.approx(1 / 25)
    assert one_cycle()(29, 100) == pytest.approx(1.0)
    assert one_cycle()(*last) == pytest.approx(1 / 250_000)
    assert max(one_cycle()(i, 100) for i in range(100)) == pytest.approx(1.0)


def test_one_cycle_that_begins_at_the_top():
    assert one_cycle(rise=0.1)(0, 10) == 1.0
    assert one_cycle(rise=0.0)(9, 10) == pytest.approx(1 / 250_000)


@pytest.mark.parametrize("steps", [1, 2, 3])
@pytest.mark.parametrize("name", SCHEDULES)
def test_every_schedule_has_finite_rates_for_the_shortest_trainings(name, steps):
    assert all(math.isfinite(schedule_of(name)(i, steps)) for i in range(steps))


def test_a_schedule_is_a_name_or_a_function():
    assert schedule_of("linear")(5, 10) == 0.5
    assert schedule_of(lambda step, steps: 0.25)(5, 10) == 0.25
    with pytest.raises(nn.SettingError, match="unknown schedule 'liner'; did you mean 'linear'"):
        schedule_of("liner")


@pytest.mark.parametrize(
    "make",
    [lambda: step(0), lambda: step(3, -1.0), lambda: cosine(-1.0), lambda: linear(math.inf), lambda: one_cycle(1.5)],
)
def test_settings_out_of_range_are_refused(make):
    with pytest.raises(nn.SettingError):
        make()
