"""Random numbers: with the same seed, those of PyTorch's generator on the CPU.

The generator is the Mersenne Twister of M. Matsumoto and T. Nishimura, "Mersenne Twister: a 623-dimensionally
equidistributed uniform pseudo-random number generator", ACM TOMACS 8 (1998), seeded by their `init_genrand`.
How 32-bit words become uniform and normal numbers, and in which order they are drawn, follows PyTorch's
sources, `aten/src/ATen/core/DistributionsHelper.h` and `aten/src/ATen/native/cpu/DistributionTemplates.h`,
https://github.com/pytorch/pytorch. PyTorch rounds to 32 bits; the numbers here are not rounded.
"""

import math
import operator
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
        self._twister = Random()
        self._twister.setstate((3, (*words, 624), None))
        self._kept: float | None = None  # the second normal number of the last pair

    def rand(self, *shape: int) -> Nested:
        """Return uniform numbers from [0, 1) in nested lists of a shape; without a shape, a float."""
        return _shaped([self._uniform24() for _ in range(_size(shape))], shape)

    def randn(self, *shape: int) -> Nested:
        """Return standard normal numbers in nested lists of a shape; without a shape, a float."""
        return _shaped(self._normals(_size(shape)), shape)

    def uniform(self, low: float, high: float, *shape: int) -> Nested:
        """Return uniform numbers from [low, high) in nested lists of a shape; without a shape, a float."""
        numbers = [self._uniform24() * (high - low) + low for _ in range(_size(shape))]
        return _shaped(numbers, shape)

    def bernoulli(self, p: float, *shape: int) -> Nested:
        """Return 1.0 with a probability and 0.0 otherwise, in nested lists of a shape; without a shape, a float.

        They are those of `torch.bernoulli`, except where PyTorch uses Intel's MKL library for it.
        """
        return _shaped([float(self._uniform53() < p) for _ in range(_size(shape))], shape)

    def shuffled(self, count: int) -> list[int]:
        """Return the numbers 0 to count - 1 in random order, those of `torch.randperm`."""
        order = list(range(count))
        for i in range(count - 1):
            j = i + self._word() % (count - i)
            order[i], order[j] = order[j], order[i]
        return order

    def state(self) -> dict[str, Any]:
        """Return the state as lists and numbers, for `restore`."""
        return {"words": list(self._twister.getstate()[1]), "kept": self._kept}

    def restore(self, state: dict[str, Any]) -> None:
        """Restore a state that `state` returned.

        Raises:
            StepgradError: it is not such a state; nothing is changed then.
        """
        try:
            words, kept = tuple(state["words"]), state["kept"]
            if not all(isinstance(w, int) for w in words) or not (kept is None or isinstance(kept, float)):
                raise ValueError("wrong types")
            twister = Random()
            twister.setstate((3, words, None))
        except (TypeError, KeyError, ValueError, OverflowError) as error:
            why = f"not a state of a random generator ({error}); pass a state that a generator returned"
            raise StepgradError(why) from None
        self._twister, self._kept = twister, kept

    def _word(self) -> int:
        return self._twister.getrandbits(32)

    def _two_words(self) -> int:
        return self._word() << 32 | self._word()

    def _uniform24(self) -> float:
        return (self._word() & 0xFFFFFF) * 2.0**-24

    def _uniform53(self) -> float:
        return (self._two_words() & (2**53 - 1)) * 2.0**-53

    def _normal(self) -> float:  # by the method of G. E. P. Box and M. E. Muller, Ann. Math. Statist. 29 (1958)
        if self._kept is not None:
            kept, self._kept = self._kept, None
            return kept
        angle = 2.0 * math.pi * self._uniform53()
        radius = math.sqrt(-2.0 * math.log1p(-self._uniform53()))
        self._kept = radius * math.sin(angle)
        return radius * math.cos(angle)

    def _normals(self, count: int) -> list[float]:
        if count < BLOCK:
            return [self._normal() for _ in range(count)]
        numbers = [self._uniform24() for _ in range(count)]
        for start in range(0, count - BLOCK + 1, BLOCK):
            numbers[start : start + BLOCK] = _block(numbers[start : start + BLOCK])
        if count % BLOCK:  # the last block is drawn again and overlaps the one before
            numbers[-BLOCK:] = _block([self._uniform24() for _ in range(BLOCK)])
        return numbers


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
    (generator or _generator)._two_words()  # PyTorch draws a seed for its worker processes first
    if generator is None:
        return Generator(_generator._two_words()).shuffled(count)
    order = generator.shuffled(count)
    generator.shuffled(count)  # PyTorch draws another permutation and discards it
    return order
