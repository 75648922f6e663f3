"""Computations of JAX as scalars: values and gradients are JAX's."""
# ruff: noqa: E501, ISC004

import inspect
import os
import random
import sys
from itertools import product

import pytest

import engine
from engine import GraphError, StepgradError, from_jax

from .compare import label, largest_difference

pytestmark = pytest.mark.needs_jax
COUNT = int(os.environ.get("STEPGRAD_TENSORS", "10"))  # random compositions
TOLERANCE = 1e-12

# A function, and the shapes of its arguments; `+` before a shape: positive numbers; a list: the numbers themselves.
ELEMENTWISE = """exp sin cos tan tanh abs sign expm1 floor ceil round trunc square arctan sinh cosh arcsinh exp2 sinc
    nan_to_num sqrt reciprocal log log2 log10 log1p arcsin arccos arctanh cbrt""".split()  # noqa: SIM905
ACTIVATIONS = """relu relu6 sigmoid softplus silu gelu elu selu celu leaky_relu hard_tanh hard_sigmoid hard_silu
    log_sigmoid soft_sign glu squareplus mish softmax log_softmax logsumexp standardize""".split()  # noqa: SIM905
SPECIAL = "erf erfc gammaln digamma logit expit entr log_ndtr ndtr".split()  # noqa: SIM905


def together(template, names):
    """Return one function that computes several, since JAX takes a second to trace and compile anything new."""
    return "lambda x: [" + ", ".join(template.format(name) for name in names) + "]"


CASES = {
    "elementwise": (together("jnp.{}(x)", ELEMENTWISE), ["+3"]),
    "activations": (together("jax.nn.{}(2 * x)", ACTIVATIONS), ["2, 4"]),
    "special": (together("jax.scipy.special.{}(x)", SPECIAL), ["+3"]),
    "mlp": ("lambda x, w, b, v: jnp.tanh(x @ w + b) @ v", ["2, 3", "3, 4", "4", "4, 2"]),
    "convolution": ("lambda x, w: lax.conv_general_dilated(x, w, (1, 2), 'SAME', feature_group_count=2)",
                    ["1, 4, 4, 4", "2, 2, 3, 3"]),
    "convolution, channels last": ("lambda x, w: lax.conv_general_dilated(x, w, (1, 1), 'VALID', dimension_numbers="
                                   "('NHWC', 'HWIO', 'NHWC'))", ["1, 4, 4, 2", "2, 2, 2, 3"]),
    "transposed convolution": ("lambda x, w: lax.conv_transpose(x, w, (2, 2), 'SAME', dimension_numbers="
                               "('NHWC', 'HWIO', 'NHWC'))", ["1, 3, 3, 2", "2, 2, 2, 3"]),
    "attention": ("lambda q, k, v: jax.nn.softmax(jnp.where(jnp.tril(jnp.ones((3, 3), bool)), q @ k.T / 2, -jnp.inf))"
                  " @ v", ["3, 4", "3, 4", "3, 4"]),
    "gru": ("gru", ["3", "2", "3, 2, 3", "3, 3, 3"]),
    "gru over a sequence": ("lambda h, xs, W, U: lax.scan(lambda h, x: (gru(h, x, W, U), h.sum()), h, xs)",
                            ["3", "3, 2", "3, 2, 3", "3, 3, 3"]),
    "scan backwards": ("lambda x: lax.scan(lambda c, y: (c * y, (c + y, 1.0)), 1.0, x, reverse=True)", ["4"]),
    "layer norm": ("lambda x, g, b: (x - x.mean(-1, keepdims=True)) / jnp.sqrt(x.var(-1, keepdims=True) + 1e-5) * g + b",
                   ["2, 4", "4", "4"]),
    "masked loss": ("lambda x, y: jnp.sum(jnp.where(jnp.array([1, 0, 1, 1]) > 0, (x - y) ** 2, 0.0)) / 3", ["4", "4"]),
    "cross entropy": ("lambda x: -jnp.take_along_axis(jax.nn.log_softmax(x), jnp.array([[0], [2]]), 1).mean()", ["2, 3"]),
    "one-hot": ("lambda x: (jax.nn.one_hot(jnp.array([0, 2]), 3) * jax.nn.log_softmax(x)).sum()", ["2, 3"]),
    "log likelihoods": ("lambda m, s: [stats.norm.logpdf(0.3, m, s), stats.gamma.logpdf(0.5, s),"
                        " stats.poisson.logpmf(jnp.array([1, 2, 3]), s), stats.t.logpdf(0.5, s), stats.cauchy.logpdf(m),"
                        " stats.beta.logpdf(0.5, s, s + 1), stats.laplace.logpdf(m), stats.expon.logpdf(s)]", ["3", "+3"]),
    "spread and norms": ("lambda x: [x.var(0), x.std(0), jnp.linalg.norm(x), jnp.linalg.norm(x, axis=0), jnp.median(x),"
                         " jnp.quantile(x, 0.3)]", ["3, 3"]),
    "running": ("lambda x: [jnp.cumsum(x, 0), jnp.cumprod(x, 1), lax.cummax(x, 0), lax.cummin(x, 0, reverse=True),"
                " lax.cumlogsumexp(x, 1)]", ["3, 3"]),
    "order": ("lambda x: [jnp.sort(x, -1) * jnp.arange(3.0), lax.top_k(x, 2)[0]]", ["2, 3"]),
    "extremes": ("lambda x: [x.max(), x.min(), x.max(0), jnp.maximum(x, 0.0), jnp.minimum(x, jnp.inf), x.prod()]",
                 ["3, 3"]),
    "ties": ("lambda x: x.max() + jnp.maximum(x, x[::-1]).sum()", [[1.0, 1.0, 1.0]]),
    "bounds": ("lambda x: jnp.clip(x, -0.5, 0.5) + lax.clamp(-0.3, x, 0.3)", [[-1.0, -0.5, -0.3, 0.0, 0.2, 0.3, 0.5, 3.0]]),
    "places": ("lambda x: x[jnp.array([0, 1, 1]), jnp.array([2, 0, 0])] * x[1, :] + x[:, -1].sum()", ["2, 3"]),
    "changed places": ("lambda x, y: x.at[jnp.array([0, 0, 2])].add(y).at[1].set(y[0] * 2)", ["4", "3"]),
    "segments": ("lambda x: jax.ops.segment_sum(x, jnp.array([0, 0, 1]), 2)", ["3, 2"]),
    "einsum": ("lambda a, b: jnp.einsum('ij,jk->ki', a, b) + jnp.einsum('bij,bjk->bik', a[None], b[None])[0].T",
               ["2, 3", "3, 2"]),
    "branches": ("lambda x: [lax.cond(x.sum() > 0, lambda y: y * 2, lambda y: y * 3, x),"
                 " lax.switch(1, [jnp.sin, jnp.cos], x)]", ["3"]),
    "loops": ("lambda x: [lax.fori_loop(0, 3, lambda i, v: v * x + i, x)]", ["3"]),
    "transformed": ("lambda x: [jax.vmap(jax.grad(lambda t: jnp.sin(t) ** 2))(x), jax.checkpoint(jnp.sin)(x),"
                    " jax.jit(lambda y: y * 2)(x), jax.hessian(lambda t: (t**3).sum())(x)]", ["3"]),
    "padding": ("lambda x: jnp.pad(x, 1, constant_values=2.0) + jnp.pad(x, 1, mode='edge')"
                " + lax.pad(x, 0.5, ((1, 1, 0), (1, -1, 1)))[:, :5]", ["3, 3"]),
    "pooling": ("lambda x: [lax.reduce_window(x, -jnp.inf, lax.max, (2, 2), (1, 1), 'SAME'),"
                " lax.reduce_window(x, 0.0, lax.add, (2, 2), (1, 1), 'SAME')]", ["3, 3"]),
    "shapes": ("lambda x: jnp.roll(x, 1, 0) + jnp.flip(x) + jnp.tile(x, (1, 1)) + jnp.repeat(x[:1], 2, 0)"
               " + jnp.stack([x[0], x[1]]) + jnp.outer(x[0], x[0]).trace() + jnp.diag(x[0]).sum()", ["2, 3"]),
    "numbers": ("lambda x, y: [x % y, jnp.fmod(x, y), jnp.arctan2(x, y), jnp.hypot(x, y), x**y, jnp.logaddexp(x, y),"
                " x // y, x**0, x - 0.0, x / 1.0, jnp.round(x), lax.round(x), jnp.average(x, weights=y),"
                " jax.scipy.special.xlogy(x, y), lax.stop_gradient(x) * x]", ["+3", "+3"]),
}  # fmt: skip


def gru(h, x, W, U):
    import jax

    z = jax.nn.sigmoid(x @ W[0] + h @ U[0])
    r = jax.nn.sigmoid(x @ W[1] + h @ U[1])
    n = jax.numpy.tanh(x @ W[2] + r * (h @ U[2]))
    return (1 - z) * n + z * h


@pytest.fixture
def space():
    """Return the names of the cases, with JAX in float64."""
    import jax
    import jax.scipy

    with jax.enable_x64(True) if hasattr(jax, "enable_x64") else jax.experimental.enable_x64():
        yield {"jax": jax, "jnp": jax.numpy, "lax": jax.lax, "stats": jax.scipy.stats, "gru": gru}


def arrays_of(shapes, seed=0):
    import numpy as np

    generator = np.random.default_rng(seed)
    made = []
    for given in shapes:
        if isinstance(given, list):
            made.append(np.array(given))
            continue
        shape = [int(size) for size in given.lstrip("+").split(",")]
        made.append(generator.random(shape) * 0.8 + 0.1 if given.startswith("+") else generator.standard_normal(shape))
    return made


def difference(jax, function, arrays):
    """Return how far `from_jax` is from JAX for a function."""
    jnp = jax.numpy

    def outputs(*given):
        return jnp.concatenate([jnp.ravel(x).astype(float) for x in jax.tree.leaves(function(*given))])

    def weighted(*given):
        found = outputs(*given)
        return (found * jnp.linspace(0.5, 1.5, found.size)).sum(), found

    given = [jnp.asarray(x) for x in arrays]
    found, numbers = jax.grad(weighted, argnums=tuple(range(len(given))), has_aux=True)(*given)
    gradients = {
        label(name, place): float(array[place])
        for name, array in zip(inspect.signature(function).parameters, found, strict=True)
        for place in product(*map(range, array.shape))
    }
    return largest_difference(from_jax(function, *given), numbers.tolist(), gradients)


@pytest.mark.parametrize("name", CASES)
def test_a_function_has_the_values_and_gradients_of_jax(name, space):
    text, shapes = CASES[name]
    assert difference(space["jax"], eval(text, space), arrays_of(shapes)) < TOLERANCE


def composition(draw):
    """Return the text of a random function of a matrix of 2 x 3 and one of 3 x 2."""
    same = ["jnp.tanh({})", "jax.nn.softmax({}, -1)", "jax.nn.sigmoid({}) * 2", "jax.nn.gelu({})", "({} - ({}).mean())",
            "jnp.where({} > 0, {}, 0.3 * {})", "({})[::-1]", "({} * lax.stop_gradient({}))", "jax.nn.log_softmax({}, 0)",
            "jnp.abs({})", "jnp.cumsum({}, 1)", "jnp.roll({}, 1, 1)", "jnp.clip({}, -0.7, 0.9)", "({} @ y @ x)",
            "jnp.exp(-({})**2)", "jax.nn.relu({})", "({} / (1 + ({})**2))", "jnp.sort({}, 1)", "jnp.maximum({}, x)",
            "({} + x.max(1, keepdims=True))", "jnp.concatenate([({})[:, 1:], x[:, :1]], 1)", "({}).T.reshape(2, 3)"]  # fmt: skip
    text = "x"
    for _ in range(draw.randint(2, 4)):
        text = draw.choice(same).replace("{}", text if len(text) == 1 else f"({text})")
        if len(text) > 300:
            break
    return f"lambda x, y: ({text}).{draw.choice(['sum()', 'mean(0)', 'std(1)', 'max()'])}"


@pytest.mark.parametrize("seed", range(COUNT))
def test_random_compositions_have_the_values_and_gradients_of_jax(seed, space):
    text = composition(random.Random(seed))
    assert difference(space["jax"], eval(text, space), arrays_of(["2, 3", "3, 2"], seed)) < 1e-11, text


# --- names, places, messages ----------------------------------------------------------------------------


def test_nodes_have_names_scopes_and_lines(space):
    jax, jnp = space["jax"], space["jnp"]

    def loss(params, x, *rest):
        with jax.named_scope("first"):
            z = jnp.tanh(x * params["w"])
        return z.sum() + rest[0]  # the line

    root = from_jax(loss, {"w": jnp.ones(2)}, jnp.ones(2), 2.0)
    assert {leaf.label for leaf in engine.leaves(root)} == {"params.w[0]", "params.w[1]", "x[0]", "x[1]", "rest[0]"}
    assert root.source.text == "return z.sum() + rest[0]"
    assert {node.scope for node in engine.topological_order(root) if node.op.name == "tanh"} == {("first",)}


def test_structures_keywords_and_whole_numbers(space):
    jnp = space["jnp"]
    found = from_jax(
        lambda x, i, k: {"a": x[i] * k, "n": x.argmax(), "c": jnp.ones(1)}, jnp.ones(2), jnp.array(1), k=2.0
    )
    assert found["a"].data == 2.0 and int(found["n"]) == 0 and found["c"][0].data == 1.0
    assert {leaf.label for leaf in engine.leaves(found["a"])} == {"x[1]", "k"}
    assert from_jax(jnp.add, jnp.array(1.0), jnp.array(2.0)).data == 3.0


def test_a_loop_is_unrolled_as_often_as_it_ran(space):
    root = from_jax(lambda x: space["lax"].while_loop(lambda v: v < 9, lambda v: v * 2, x), 1.5)
    root.backward()
    assert root.data == 12.0 and engine.leaves(root)[0].grad == 8.0


def test_more_nodes_than_the_limit_are_refused(space):
    jnp = space["jnp"]
    with pytest.raises(GraphError, match=r"at most 100 nodes, and dot_general in .*test_jax.py:.* would make"):
        from_jax(lambda a, b: a @ b, jnp.ones((5, 5)), jnp.ones((5, 5)), limit=100)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("lambda x: jax.scipy.special.i0(x)", "there is no rule for JAX's operation bessel_i0e"),
        ("lambda x: jax.scipy.special.erfinv(x)", "the inverse of erf"),
        ("lambda x: x.at[0].multiply(2.0)", "only .at"),
        ("lambda x: own(x)", ".*a rule of your own"),
        ("lambda x: lax.conv_general_dilated(x.reshape(2, 1, 1), jnp.ones((2, 1, 1)), (1,), 'SAME', batch_group_count=2)",
         "batch_group_count must be 1"),
    ],
)  # fmt: skip
def test_what_cannot_be_unrolled_is_named_with_its_line(text, says, space):
    own = space["jax"].custom_vjp(lambda x: x * 2)
    own.defvjp(lambda x: (x, x), lambda x, g: (g,))
    with pytest.raises(GraphError, match="from_jax cannot unroll .* in .*:1: " + says):
        from_jax(eval(text, {**space, "own": own}), space["jnp"].ones(2) * 0.5)


def test_without_jax_the_error_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "jax", None)
    with pytest.raises(StepgradError, match=r"pip install jax, or the extra stepgrad\[jax\]"):
        from_jax(lambda x: x, 1.0)
