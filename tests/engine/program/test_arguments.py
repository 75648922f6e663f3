"""Arguments: taken apart into a structure and numbers, and put together again."""

from array import array
from collections import namedtuple
from fractions import Fraction

import pytest

from engine import Value
from engine.program.arguments import structure_of

np = pytest.importorskip("numpy")
Pair = namedtuple("Pair", "first second")
box, weight = object(), Value(2.0)


def taken(*arguments, **keywords):
    return structure_of((arguments, keywords))


SAMPLES = {
    "numbers": (1.0, 2, True, "text", b"bytes", None),
    "other numbers": (Fraction(1, 2), np.float64(0.25), np.float32(0.5), np.int64(3)),
    "lists": ([1.0, 2.0], [], [1.0, 2], [[1.0], [2.0, 3.0]]),
    "tuples": ((1.0, (2.0, "a")), ()),
    "named tuples": (Pair(1.0, [2.0]), Pair("a", Pair(1, 2.0))),
    "dictionaries": ({"a": 1.0, "b": {"c": [2.0], 3: "d"}}, {}),
    "arrays": (array("d", [1.0, 2.0]), array("i", [1, 2])),
    "arrays of NumPy's": (np.array([1.0, 2.0]), np.array([[1.0], [2.0]]), np.array(3.0), np.array([1, 2])),
    "objects": (box, weight, [box, weight], {"w": weight}, {1.0, 2.0}),
}


@pytest.mark.parametrize("kind", SAMPLES)
def test_what_is_taken_apart_is_put_together_again(kind):
    for arguments, keywords in ((SAMPLES[kind], {}), ((), {"named": SAMPLES[kind][0]})):
        structure = structure_of((arguments, keywords))
        built, named = structure.build(iter(structure.numbers))
        assert plain(built) == plain(arguments)
        assert plain(named) == plain(keywords)
        again = structure_of((built, named))
        assert again.numbers == structure.numbers
        if "NumPy" not in kind and "array" not in kind:  # numbers of arrays are objects then, or in lists
            assert again.key == structure.key
        assert hash(structure.key) == hash(structure_of((arguments, keywords)).key)


def plain(thing):
    """Return a thing with arrays as lists."""
    if isinstance(thing, list | tuple) and not hasattr(thing, "_make"):
        return type(thing)(map(plain, thing))
    if isinstance(thing, dict):
        return {name: plain(part) for name, part in thing.items()}
    return thing.tolist() if hasattr(thing, "tolist") else thing


def test_arrays_hold_what_stands_for_their_numbers():
    (built,), _ = taken(np.array([[1.0, 2.0]])).build(iter("ab"))
    assert built.shape == (1, 2)
    assert built.tolist() == [["a", "b"]]
    assert taken(np.array(4.0)).build(iter("a"))[0] == ("a",)
    assert taken(array("d", [1.0])).build(iter("a"))[0] == (["a"],)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, 2), (1, True), (1, 1.0), ("a", "b"), ("a", b"a"), (None, 0), ([1.0], [1.0, 2.0]), ([1.0], (1.0,)),
        ([1.0], [1]), ({"a": 1.0}, {"b": 1.0}), ({1: 1.0}, {True: 1.0}), (Pair(1.0, 2.0), (1.0, 2.0)),
        (np.array([1.0]), [1.0]), (np.array([1.0]), np.array([1.0], dtype=np.float32)), (object(), object()),
        (Value(1.0), Value(1.0)), ({1.0}, {1.0}), ([], ()),
    ],
)  # fmt: skip
def test_structures_that_differ(one, other):
    assert taken(one).key != taken(other).key
    assert taken(one, x=1.0).key != taken(one, y=1.0).key != taken(one).key


def test_objects_are_found_in_order():
    assert taken([box, {"w": weight}], 1.0, k=box).objects() == [box, weight, box]
