"""Surroundings: what is compared before a replay."""

from collections import OrderedDict, deque

import pytest

from engine import Value
from engine.program.surroundings import Attribute, Entries, Global, Items, Measured, Surroundings


class Box:
    def __init__(self, **attributes):
        vars(self).update(attributes)


class Own(list):
    def __iter__(self):
        return iter(())


def of_object(box, *names):
    return Entries("box", vars(box), frozenset(names), True)


def changed(act, *places):
    """Return the name of what an act changes."""
    around = Surroundings(places)
    assert around.change() == ""
    act()
    return around.change()


w = Value(1.0)


@pytest.mark.parametrize(
    ("make", "act", "says"),
    [
        (lambda: {"k": 1.0}, lambda d: d.update(k=2.0), "it['k']"),
        (lambda: {"k": 1.0}, lambda d: d.update(k=1), "it['k']"),
        (lambda: {"k": 0.0}, lambda d: d.update(k=-0.0), "it['k']"),
        (lambda: {"k": 1.0}, lambda d: d.update(j=2.0), "it"),
        (lambda: {"k": 1.0}, lambda d: d.pop("k"), "it"),
        (lambda: {1: 1.0}, lambda d: d.update({True: d.pop(1)}), "it"),
        (lambda: {"k": (1.0, 2.0)}, lambda d: d.update(k=(1.0, 3.0)), "it['k']"),
        (lambda: {"k": [1.0]}, lambda d: d.update(k=[1.0]), "it['k']"),
        (lambda: OrderedDict(a=1, b=2), lambda d: d.move_to_end("a"), "it"),
        (lambda: [1.0, 2.0], lambda x: x.append(3.0), "it"),
        (lambda: [1.0, 2.0], lambda x: x.pop(), "it"),
        (lambda: [1.0, 2.0], lambda x: x.reverse(), "it[0]"),
        (lambda: [w, w], lambda x: x.append(w), "it"),
        (lambda: [w, w], lambda x: x.__setitem__(1, Value(1.0)), "it[1]"),
        (lambda: [w, w], lambda x: x.__setitem__(1, 1.0), "it[1]"),
        (lambda: [w, [w]], lambda x: x.__setitem__(1, [w]), "it[1]"),
        (lambda: {1.0, 2.0}, lambda x: x.add(3.0), "it"),
        (lambda: deque([1.0, 2.0]), lambda x: x.rotate(), "it[0]"),
        (lambda: Own([1.0, 2.0]), lambda x: x.__setitem__(0, 3.0), "it[0]"),
    ],
)  # fmt: skip
def test_a_change_is_named(make, act, says):
    thing = make()
    place = Entries("it", thing) if isinstance(thing, dict) else Items("it", thing)
    assert changed(lambda: act(thing), place) == says


@pytest.mark.parametrize(
    ("make", "act"),
    [
        (lambda: {"k": 12.5}, lambda d: d.update(k=float("12.5"))),
        (lambda: {"k": (1, "a", 12.5)}, lambda d: d.update(k=(1, "a", float("12.5")))),
        (lambda: [float("nan")], lambda x: x.__setitem__(0, float("nan"))),
        (lambda: ["text", 1000], lambda x: x.__setitem__(1, int("1000"))),
    ],
)
def test_what_is_equal_is_no_change(make, act):
    thing = make()
    around = Surroundings([Entries("it", thing) if isinstance(thing, dict) else Items("it", thing)])
    for _ in range(2):
        act(thing)
        assert around.change() == ""


def test_attributes_that_are_not_read_may_change():
    box = Box(scale=2.0, steps=1)
    around = Surroundings([of_object(box, "scale", "bias")])
    for steps in range(3):
        box.steps = steps
        box.other = steps
        assert around.change() == ""
    box.bias = 1.0  # which was not there before
    assert around.change() == "box"
    del box.bias
    assert around.change() == ""
    box.scale = 3.0
    assert around.change() == "box.scale"


def test_names_of_other_places():
    box, variables, numbers = Box(k=1.0), {"k": 1.0}, bytearray(b"12")
    assert changed(lambda: setattr(box, "k", 2.0), Attribute("o.k", box, "k")) == "o.k"
    assert changed(lambda: delattr(box, "k"), Attribute("o.k", box, "k")) == "o.k"
    assert changed(lambda: variables.update(k=2.0), Global("k", variables, "k")) == "k"
    assert changed(lambda: variables.update(j=2.0), Global("j", variables, "j")) == "j"
    assert changed(lambda: numbers.append(1), Measured("numbers", numbers, bytes)) == "numbers"
    assert changed(lambda: None, Measured("numbers", numbers, bytes), Entries("v", variables)) == ""
    assert changed(lambda: setattr(Box, "k", 2.0), Entries("Box", vars(Box), None, True)) == "Box"
    del Box.k


def test_what_cannot_be_read_any_more_has_changed():
    def cell_of():
        k = 1.0

        def put():
            nonlocal k
            del k

        return put, put.__closure__[0]

    put, cell = cell_of()
    assert changed(put, Attribute("k", cell, "cell_contents")) == "k"


def test_attributes_of_the_library_are_counted():
    box = Box(p=1.0)
    settled = Entries("box", vars(box), frozenset({"p", "q"}), True, True)
    assert changed(lambda: setattr(box, "q", 1.0), settled) == "box"
    assert changed(lambda: setattr(box, "p", 2.0), settled) == "box.p"
