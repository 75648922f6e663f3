"""Random graphs against mpmath, part by part, and beside PyTorch."""

import math
import os
from random import Random

import pytest
from mpmath import mpf

from engine import TABLE, DomainError, Value
from engine.routes.agreement import sizes_of
from engine.routes.recipe import Recipe, random_recipe
from engine.slope import Undefined, is_number

from .truth import EPSILON, gradients, troubles

GRAPHS = int(os.environ.get("STEPGRAD_GRAPHS", "300"))  # of each kind; `make test-long` takes 10,000
OPERATIONS = [entry for entry in TABLE.values() if not entry.name.endswith("_slope")]
SHARES = (0.0, 0.05, 0.25)  # of numbers that are huge, tiny or not finite


def recipes(seed, count, extremes=SHARES):
    """Yield random recipes that have a value."""
    number = found = 0
    while found < count:
        number += 1
        draw = Random(f"{seed} {number}")
        size, leaves = draw.choice((2, 4, 6, 10, 20)), draw.randint(1, 5)
        recipe = random_recipe(draw, OPERATIONS, size, leaves, draw.choice(extremes))
        try:
            root = recipe.root()
        except DomainError:
            continue
        if isinstance(root, Value) and root.inputs:
            found += 1
            yield recipe


def test_values_and_local_gradients_are_right_to_the_last_digits():
    looked_at = 0
    for recipe in recipes("values", GRAPHS):
        wrong, count = troubles(recipe.root())
        assert not wrong, f"{wrong}\n{recipe}"
        looked_at += count
    assert looked_at > 4 * GRAPHS


def test_gradients_are_the_sums_over_all_paths():
    compared = 0
    for recipe in recipes("sums", GRAPHS):
        leaves = list(map(Value, recipe.numbers))
        root = recipe.of(*leaves)
        try:
            root.backward()
        except DomainError:
            continue
        sums = gradients(root, leaves)
        if sums is None or sizes_of(recipe) is None:
            continue
        for leaf, (true, size) in zip(leaves, sums, strict=True):
            assert abs(mpf(leaf.grad or 0.0) - true) <= 8 * len(recipe.parts) * EPSILON * size, f"{leaf}\n{recipe}"
            compared += 1
    assert compared > GRAPHS


def test_wrong_numbers_are_noticed():
    x = Value(0.7)
    out = x.tanh() * x
    assert troubles(out) == ([], 5)
    out.inputs[0].local_grads = (0.64,)
    out.local_grads = (0.7, out.local_grads[1] * (1.0 + 1e-14))
    assert len(troubles(out)[0]) == 2
    out.data = math.nextafter(out.data * (1.0 + 1e-14), 1.0)
    assert len(troubles(out)[0]) == 3


# --- beside PyTorch -----------------------------------------------------------------------------------------


def in_torch(recipe, leaves):
    """Return a recipe's root computed by PyTorch from its scalars."""
    torch = pytest.importorskip("torch")
    functional = torch.nn.functional
    functions = {
        "where": lambda c, x, y: torch.where(c > 0.0, x, y), "sigmoid": torch.sigmoid, "log1p": torch.log1p,
        "softplus": lambda x: functional.softplus(x, threshold=1e9), "silu": functional.silu, "gelu": functional.gelu,
        "leaky_relu": lambda x, slope: functional.leaky_relu(x, slope), "neg": torch.neg, "relu": torch.relu,
        "elu": lambda x, alpha: functional.elu(x, alpha), "power": lambda x, exponent: x**exponent,
        "mod": torch.remainder, "cbrt": lambda x: torch.sign(x) * torch.abs(x) ** (1 / 3), "clip": torch.clamp,
        **{name: getattr(functional, name) for name in ("softsign", "mish", "selu", "hardtanh", "hardswish")},
        "hardsigmoid": lambda x: functional.hardtanh(x, -3.0, 3.0) / 6.0 + 0.5,  # its own is of 32 bits
        "maximum": lambda *xs: torch.stack(xs).amax(), "minimum": lambda *xs: torch.stack(xs).amin(),
    }  # fmt: skip

    def apply(operation, *operands):
        operands = [x if torch.is_tensor(x) else torch.tensor(x, dtype=torch.float64) for x in operands]
        function = functions.get(operation.name) or getattr(torch, operation.name)
        return function(*operands, **operation.parameters)

    parts = tuple(
        part._replace(operation=lambda *xs, op=part.operation: apply(op, *xs)) if part.operands else part
        for part in recipe.parts
    )
    return Recipe(parts).of(*leaves)


@pytest.mark.needs_torch
def test_gradients_are_those_of_pytorch_where_it_has_them():
    torch = pytest.importorskip("torch")
    compared = better = 0
    for recipe in recipes("torch", GRAPHS, extremes=(0.0,)):
        mine = list(map(Value, recipe.numbers))
        root = recipe.of(*mine)
        theirs = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in recipe.numbers]
        other = in_torch(recipe, theirs)
        assert not torch.isfinite(other) or other.item() == pytest.approx(root.data, rel=1e-9, abs=1e-9), str(recipe)
        if other.requires_grad:
            other.backward()
        expected = [0.0 if x.grad is None else x.grad.item() for x in theirs]
        try:
            root.backward()
        except DomainError:
            assert not any(math.isfinite(x) and x != 0.0 for x in expected), str(recipe)
            continue
        sizes = sizes_of(recipe)
        for leaf, right, size in zip(mine, expected, (sizes or [0.0])[1:], strict=False):
            if isinstance(leaf.grad, Undefined):
                assert not math.isfinite(right), str(recipe)
            elif not math.isfinite(right):
                better += is_number(leaf.grad or 0.0)  # PyTorch multiplies infinity by 0
            else:
                assert abs((leaf.grad or 0.0) - right) <= 1e-9 * size, str(recipe)
                compared += 1
    assert compared > GRAPHS / 2
    assert better < compared / 10
