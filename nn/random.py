"""Random numbers: with the same seed, those of PyTorch's generator on the CPU.

The generator is the Mersenne Twister of M. Matsumoto and T. Nishimura, "Mersenne Twister: a 623-dimensionally
equidistributed uniform pseudo-random number generator", ACM TOMACS 8 (1998), seeded by their `init_genrand`.
How 32-bit words become uniform and normal numbers, and in which order they are drawn, follows PyTorch's
sources, `aten/src/ATen/core/DistributionsHelper.h` and `aten/src/ATen/native/cpu/DistributionTemplates.h`,
https://github.com/pytorch/pytorch. PyTorch rounds to 32 bits; the numbers here are not rounded.

A draw is whole or has not happened, also where Ctrl-C interrupts it: it computes its numbers from the words that come
next, and uses these up at the end.
"""

import math
import operator
from itertools import repeat
from random import Random
from typing import Any

from engine import StepgradError

Nested = Any  # a float without dimensions, else a list with the other dimensions inside

BLOCK = 16  # normal numbers of larger tensors are drawn in blocks


class Generator:
    """A generator of the random numbers that PyTorch's CPU generator draws.

    Args:
        seed: an integer; PyTorch uses its lowest 32 bits.

    Raises:
        TypeError: the seed is not an integer.

    >>> Generator(42).rand(2)
    [0.8822692632675171, 0.9150039553642273]
    """

    def __init__(self, seed: int) -> None:
        self.seed(seed)

    def seed(self, seed: int) -> None:
        """Restart from a seed, as `torch.manual_seed` does."""
        if isinstance(seed, bool) or not hasattr(seed, "__index__"):
            raise TypeError(f"a seed must be an integer, such as 42, not {type(seed).__name__} {seed!r}")
        words = [operator.index(seed) & 0xFFFFFFFF]
        for i in range(1, 624):
            words.append((1812433253 * (words[-1] ^ (words[-1] >> 30)) + i) & 0xFFFFFFFF)
        twister = Random()
        twister.setstate((3, (*words, 624), None))
        self._begin(twister, [], None)

    def rand(self, *shape: int) -> Nested:
        """Return uniform numbers from [0, 1) in nested lists of a shape; without a shape, a float."""
        return self.uniform(0.0, 1.0, *shape)

    def randn(self, *shape: int) -> Nested:
        """Return standard normal numbers in nested lists of a shape; without a shape, a float."""
        count = _size(shape)
        return _shaped(self._pairs(count) if count < BLOCK else self._blocks(count), shape)

    def uniform(self, low: float, high: float, *shape: int) -> Nested:
        """Return uniform numbers from [low, high) in nested lists of a shape; without a shape, a float."""
        words = self._next(_size(shape))
        numbers = [_uniform24(word) * (high - low) + low for word in words]
        self._use(len(words), self._kept)
        return _shaped(numbers, shape)

    def bernoulli(self, p: float, *shape: int) -> Nested:
        """Return 1.0 with a probability and 0.0 otherwise, in nested lists of a shape; without a shape, a float.

        They are those of `torch.bernoulli`, except where PyTorch uses Intel's MKL library for it.
        """
        words = self._next(2 * _size(shape))
        numbers = [float(_uniform53(words, i) < p) for i in range(0, len(words), 2)]
        self._use(len(words), self._kept)
        return _shaped(numbers, shape)

    def shuffled(self, count: int) -> list[int]:
        """Return the numbers 0 to count - 1 in random order, those of `torch.randperm`."""
        words = self._next(count - 1)
        order = _shuffled(words)[:count]
        self._use(len(words), self._kept)
        return order

    def epoch_order(self, count: int) -> list[int]:
        """Return the numbers 0 to count - 1 in the order of ``DataLoader(..., shuffle=True, generator=...)``."""
        words = self._next(2 + 2 * max(count - 1, 0))
        order = _shuffled(words[2 : count + 1])[
            :count
        ]  # PyTorch draws a seed first, and another permutation at the end
        self._use(len(words), self._kept)
        return order

    def seed_of_loader(self) -> int:
        """Return the seed of the generator that a ``DataLoader`` without one uses for an epoch."""
        words = self._next(4)  # PyTorch draws a seed for its worker processes first
        self._use(len(words), self._kept)
        return words[2] << 32 | words[3]

    def state(self) -> dict[str, Any]:
        """Return the state as lists and numbers, for `restore`."""
        state = {"words": list(self._twister.getstate()[1]), "kept": self._kept}
        return {**state, "drawn": self._drawn.copy()} if self._drawn else state

    def restore(self, state: dict[str, Any]) -> None:
        """Restore a state that `state` returned.

        Raises:
            StepgradError: it is not such a state; nothing is changed then.
        """
        try:
            words, kept, drawn = tuple(state["words"]), state["kept"], [*state.get("drawn", [])]
            if not all(isinstance(w, int) for w in (*words, *drawn)) or not (kept is None or isinstance(kept, float)):
                raise ValueError("wrong types")
            twister = Random()
            twister.setstate((3, words, None))
        except (TypeError, KeyError, ValueError, OverflowError, AttributeError) as error:
            why = f"not a state of a random generator ({error}); pass a state that a generator returned"
            raise StepgradError(why) from None
        self._begin(twister, drawn, kept)

    def _begin(self, twister: Random, drawn: list[int], kept: float | None) -> None:
        self._twister = twister
        self._drawn = drawn  # words that come next, drawn from the twister by a draw that was interrupted
        self._kept = kept  # the second normal number of the last pair

    def _next(self, count: int) -> list[int]:
        """Return the words that come next; they are used up by `_use`."""
        missing = max(count - len(self._drawn), 0)
        self._drawn.extend(map(self._twister.getrandbits, repeat(32, missing)))  # Ctrl-C comes before it or after it
        return self._drawn[: max(count, 0)]

    def _use(self, count: int, kept: float | None) -> None:
        """Use up words, and keep a normal number for the next draw."""
        del self._drawn[:count]
        self._kept = kept

    def _pairs(self, count: int) -> list[float]:
        """Return normal numbers, by the method of G. E. P. Box and M. E. Muller, Ann. Math. Statist. 29 (1958)."""
        numbers = [] if self._kept is None else [self._kept]
        words = self._next(4 * -(-(count - len(numbers)) // 2))
        for i in range(0, len(words), 4):
            angle = 2.0 * math.pi * _uniform53(words, i)
            radius = math.sqrt(-2.0 * math.log1p(-_uniform53(words, i + 2)))
            numbers += [radius * math.cos(angle), radius * math.sin(angle)]
        self._use(len(words), numbers[count] if len(numbers) > count else None)
        return numbers[:count]

    def _blocks(self, count: int) -> list[float]:
        """Return at least one block of normal numbers."""
        words = self._next(count + BLOCK * bool(count % BLOCK))
        numbers = list(map(_uniform24, words[:count]))
        for start in range(0, count - BLOCK + 1, BLOCK):
            numbers[start : start + BLOCK] = _block(numbers[start : start + BLOCK])
        if count % BLOCK:  # the last block is drawn again and overlaps the one before
            numbers[-BLOCK:] = _block(list(map(_uniform24, words[count:])))
        self._use(len(words), self._kept)
        return numbers


def _uniform24(word: int) -> float:
    return (word & 0xFFFFFF) * 2.0**-24


def _uniform53(words: list[int], i: int) -> float:
    return ((words[i] << 32 | words[i + 1]) & (2**53 - 1)) * 2.0**-53


def _shuffled(words: list[int]) -> list[int]:
    """Return the numbers from 0 to the count of words in the order that the words give."""
    count = len(words) + 1
    order = list(range(count))
    for i, word in enumerate(words):
        j = i + word % (count - i)
        order[i], order[j] = order[j], order[i]
    return order


def _block(uniforms: list[float]) -> list[float]:
    half = BLOCK // 2
    polar = [
        (math.sqrt(-2.0 * math.log(1.0 - u1)), 2.0 * math.pi * u2)
        for u1, u2 in zip(uniforms[:half], uniforms[half:], strict=True)
    ]
    return [r * math.cos(a) for r, a in polar] + [r * math.sin(a) for r, a in polar]


def _size(shape: tuple[int, ...]) -> int:
    for length in shape:
        if isinstance(length, bool) or not isinstance(length, int) or length < 0:
            raise TypeError(f"a shape must be whole numbers, such as (2, 3), not {shape!r}")
    return math.prod(shape)


def _shaped(numbers: list[float], shape: tuple[int, ...]) -> Nested:
    if not shape:
        return numbers[0]
    if len(shape) == 1:
        return numbers
    step = math.prod(shape[1:])
    return [_shaped(numbers[i * step : (i + 1) * step], shape[1:]) for i in range(shape[0])]


_generator = Generator(0)


def manual_seed(seed: int) -> None:
    """Seed the generator from which `rand`, `randn`, `uniform` and the modules draw with an integer, as in PyTorch.

    >>> manual_seed(0)
    >>> [round(x, 4) for x in randn(3)]
    [1.541, -0.2934, -2.1788]
    """
    _generator.seed(seed)


# As in Python's own module `random`, these functions are the methods of the global generator.
rand, randn, uniform, bernoulli = _generator.rand, _generator.randn, _generator.uniform, _generator.bernoulli
shuffled, random_state, restore_random_state = _generator.shuffled, _generator.state, _generator.restore


def generator_of(seed: int | Generator) -> Generator:
    """Return a new generator for a seed; a generator is returned as it is, in its current state."""
    return seed if isinstance(seed, Generator) else Generator(seed)


def epoch_order(count: int, generator: Generator | None = None) -> list[int]:
    """Return the numbers 0 to count - 1 in the order in which PyTorch's `DataLoader` takes samples.

    The generator is the one in ``DataLoader(..., generator=...)``; a loader without one draws a seed from the global
    generator at each epoch.
    """
    return generator.epoch_order(count) if generator else Generator(_generator.seed_of_loader()).shuffled(count)
