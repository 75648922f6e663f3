"""Computations of PyTorch as scalars: values and gradients are PyTorch's."""
# ruff: noqa: E501, ISC004

import inspect
import os
import random
from itertools import product

import pytest

import engine
from engine import GraphError, StepgradError, UsageError, from_torch

from .compare import label, largest_difference

pytestmark = pytest.mark.needs_torch
COUNT = int(os.environ.get("STEPGRAD_TENSORS", "25"))  # random compositions
TOLERANCE = 1e-12

# A function, and the shapes of its arguments; `+` before a shape: positive numbers; a list: the numbers themselves.
ELEMENTWISE = """exp sin cos tan tanh sigmoid abs sign expm1 floor ceil round trunc frac square erf erfc atan sinh cosh
    asinh exp2 relu sgn neg sinc""".split()  # noqa: SIM905
POSITIVE = "sqrt rsqrt reciprocal log log2 log10 log1p asin acos atanh lgamma logit".split()  # noqa: SIM905
ACTIVATIONS = """relu gelu silu softplus elu selu celu leaky_relu hardtanh relu6 hardswish mish logsigmoid tanhshrink
    softsign softshrink hardshrink normalize glu""".split()  # noqa: SIM905
CASES = {
    **{name: (f"lambda x: 1 * torch.{name}(x)", ["2, 3"]) for name in ELEMENTWISE},
    **{name: (f"lambda x: torch.{name}(x)", ["+2, 3"]) for name in POSITIVE},
    **{f"F.{name}": (f"lambda x: F.{name}(2 * x)", ["2, 4"]) for name in ACTIVATIONS},
    "acosh": ("lambda x: (x + 1.5).acosh()", ["+3"]),
    "digamma": ("lambda x: torch.digamma(x).detach() * x - torch.lgamma(-x) + torch.digamma(-x).detach()", ["+2"]),
    "threshold": ("lambda x: F.threshold(x, 0.1, 2.0)", ["4"]),
    "gelu tanh": ("lambda x: F.gelu(x, approximate='tanh')", ["4"]),
    "softplus of a slope": ("lambda x: F.softplus(x, beta=2.0, threshold=3.0)", [[0.5, 3.0, -1.0]]),
    "prelu": ("lambda x, a: F.prelu(x, a)", ["2, 3", "1"]),
    "log likelihood, normal": ("lambda m, s: torch.distributions.Normal(m, s).log_prob(T(0.3))", ["3", "+3"]),
    "log likelihood, gamma": ("lambda a: torch.distributions.Gamma(a, T(2.0)).log_prob(T(0.5))", ["+3"]),
    "log likelihood, classes": ("lambda x: torch.distributions.Categorical(logits=x).log_prob(I([0, 2]))", ["2, 3"]),
    "log likelihood, poisson": ("lambda x: F.poisson_nll_loss(x, T([1.0, 2, 3]), full=True)", ["3"]),
    "log likelihood, gauss": ("lambda m, s: F.gaussian_nll_loss(m, T([1.0, 2]), s)", ["2", "+2"]),
    "bce with logits": ("lambda x: F.binary_cross_entropy_with_logits(x, T([0.0, 1, 1]))", ["3"]),
    "bce": ("lambda x: F.binary_cross_entropy(torch.sigmoid(x), T([0.0, 1, 1]), weight=T([1.0, 2, 1]))", ["3"]),
    "cross entropy": ("lambda x: F.cross_entropy(x, I([0, 1, -100]), weight=T([1.0, 2.0, 0.5]))", ["3, 3"]),
    "cross entropy of rows": ("lambda x: F.cross_entropy(x, I([0, 1]), reduction='none')", ["2, 3"]),
    "cross entropy of one": ("lambda x: F.cross_entropy(x, I(1), reduction='sum')", ["3"]),
    "cross entropy of pixels": ("lambda x: F.cross_entropy(x, I([[[0, 1]]]))", ["1, 3, 1, 2"]),
    "smooth labels": ("lambda x: F.cross_entropy(x, I([0, 1]), label_smoothing=0.1)", ["2, 3"]),
    "soft labels": ("lambda x: F.cross_entropy(x, T([[0.2, 0.3, 0.5]]))", ["1, 3"]),
    "kl": ("lambda x: F.kl_div(F.log_softmax(x, -1), T([0.2, 0.3, 0.5]), reduction='sum')", ["3"]),
    "losses": ("lambda x, y: F.mse_loss(x, y) + F.l1_loss(x, y) + F.smooth_l1_loss(x, y) + F.huber_loss(x, y, delta=0.5)"
               " + F.mse_loss(x, y, reduction='none').sum() + F.huber_loss(x, 9 * y)", ["4", "4"]),
    "masked loss": ("lambda x, y: (((x - y) ** 2) * T([1.0, 0, 1])).sum() / 2", ["2, 3", "2, 3"]),
    "margins": ("lambda x: F.margin_ranking_loss(x, -x, torch.ones(3)) + F.soft_margin_loss(x, torch.ones(3))", ["3"]),
    "triplets": ("lambda a, p, n: F.triplet_margin_loss(a, p, n)", ["2, 3", "2, 3", "2, 3"]),
    "similarity": ("lambda x, y: F.cosine_similarity(x, y) + F.pairwise_distance(x, y)", ["2, 3", "2, 3"]),
    "layer norm": ("lambda x, w, b: F.layer_norm(x, (4,), w, b)", ["2, 4", "4", "4"]),
    "group norm": ("lambda x, w: F.group_norm(x, 2, w)", ["2, 4, 3", "4"]),
    "batch norm": ("lambda x, w, b: F.batch_norm(x, T([0.1, 0.2]), T([1.0, 2.0]), w, b)", ["3, 2", "2", "2"]),
    "batch norm, training": ("lambda x: F.batch_norm(x, None, None, training=True)", ["4, 3"]),
    "instance norm": ("lambda x: F.instance_norm(x)", ["1, 2, 4"]),
    "attention": ("lambda q, k, v: F.softmax((q @ k.T / 2).masked_fill(~torch.tril(torch.ones(3, 3)).bool(),"
                  " float('-inf')), -1) @ v", ["3, 4", "3, 4", "3, 4"]),
    "fused attention": ("lambda q, k, v: F.scaled_dot_product_attention(q, k, v, is_causal=True)",
                        ["1, 2, 3, 4", "1, 2, 3, 4", "1, 2, 3, 4"]),
    "softmin and logs": ("lambda x: F.softmin(x, -1) + x.logsumexp(-1, keepdim=True) + x.log_softmax(0)", ["2, 3"]),
    "masked log softmax": ("lambda x: x.masked_fill(T([0, 1, 0]).bool(), -torch.inf).log_softmax(-1)[::2]", ["3"]),
    "convolution": ("lambda x, w, b: F.conv2d(x, w, b, stride=2, padding=1)", ["2, 2, 4, 4", "3, 2, 3, 3", "3"]),
    "convolution in groups": ("lambda x, w: F.conv1d(x, w, dilation=2, groups=2)", ["1, 4, 6", "2, 2, 2"]),
    "transposed convolution": ("lambda x, w, b: F.conv_transpose2d(x, w, b, stride=2, padding=1, output_padding=1)",
                               ["1, 2, 2, 2", "2, 3, 3, 3", "3"]),
    "max pooling": ("lambda x: F.max_pool2d(x, 2) + F.max_pool1d(x[0], 2)[None, :, :2]", ["1, 2, 4, 4"]),
    "mean pooling": ("lambda x: F.avg_pool2d(x, 2, padding=1, stride=1) + F.avg_pool2d(x, 2, padding=1, stride=1,"
                     " count_include_pad=False) + F.avg_pool2d(x, 2, 1, 1, divisor_override=3)", ["1, 2, 3, 3"]),
    "adaptive pooling": ("lambda x: F.adaptive_avg_pool2d(x, (2, 2)).sum() + F.adaptive_max_pool2d(x, 2).sum()"
                         " + F.adaptive_avg_pool1d(x[0], 2).sum()", ["1, 2, 3, 5"]),
    "embedding": ("lambda w: F.embedding(I([1, 1, 4]), w)", ["5, 3"]),
    "sizes": ("lambda x: F.interpolate(x, scale_factor=2, mode='bilinear') * F.interpolate(x, scale_factor=2)",
              ["1, 1, 2, 2"]),
    "padding": ("lambda x: F.pad(x, (1, 2), value=3.0) + F.pad(x, (1, 2), mode='replicate')", ["1, 2, 3"]),
    "windows": ("lambda x: F.unfold(x, 2).sum(1)", ["1, 1, 3, 3"]),
    "spread": ("lambda x: x.var(0) + x.std(0, correction=0) + torch.var_mean(x, 0)[1] + x.std(0, unbiased=False)",
               ["4, 3"]),
    "norms": ("lambda x: x.norm() + torch.linalg.vector_norm(x, ord=1) + torch.linalg.vector_norm(x, ord=3)", ["4, 3"]),
    "norms of nothing": ("lambda x: x.norm() + x.std() + torch.linalg.vector_norm(x, ord=1)", [[0.0, 0.0]]),
    "of one number": ("lambda x: F.softmax(x[0], 0) + x[1].cumsum(0) + F.log_softmax(x[2], 0)", ["3"]),
    "running": ("lambda x: x.cumsum(0) * x.cumprod(1) + x[0, 0].cumsum(0)", ["3, 3"]),
    "order": ("lambda x: x.sort(-1)[0] * T([0.0, 1, 2]) + x.topk(1, -1)[0] + x.cummax(0)[0]", ["2, 3"]),
    "extremes": ("lambda x: x.max() + x.min() + x.max(0)[0].sum() + x.amax(1).sum() + x.amin() + torch.max(x, -x).sum()"
                 " + x.min(1, keepdim=True)[0].sum()", ["3, 3"]),
    "medians": ("lambda x: x.median() + x.median(0)[0].sum() + x[0, 0].max(0)[0]", ["3, 3"]),
    "ties": ("lambda x: x.amax() + torch.maximum(x, x.flip(0)).sum() + x.max() + x.median() + x[:1].amax()",
             [[1.0, 1.0, 1.0]]),
    "bounds": ("lambda x: x.clamp(-0.5, 0.5) + x.clamp(min=0.0) + torch.clamp(x, max=x.flip(0))"
               " + F.hardtanh(x, -0.5, 0.5)", [[-1.0, -0.5, 0.0, 0.2, 0.5, 3.0]]),
    "choice": ("lambda x: torch.where(x > 0, x**2, -x) + torch.where(x > 0, x, 0.5)", ["2, 3"]),
    "places": ("lambda x: x.gather(1, I([[0], [2]])).squeeze(1) + x[I([0, 1]), I([2, 2])] * x[:, -1]"
               " + x[x > -9].reshape(2, 3)[:, 0] + x.index_select(1, I([1]))[:, 0]", ["2, 3"]),
    "in place": ("in_place", ["3"]),
    "einsum": ("lambda a, b: torch.einsum('ij,jk->ik', a, b) + torch.einsum('ij,ij->', a, a)", ["2, 3", "3, 2"]),
    "matrices": ("lambda a, b, v: torch.addmm(b, a, a.T, alpha=2.0, beta=0.5) @ v + torch.mv(b, v) + torch.dot(v, v)"
                 " + torch.baddbmm(b[None], b[None], b[None])[0] @ v + torch.addmv(v, b, v)", ["2, 3", "2, 2", "2"]),
    "sums into places": ("lambda x: torch.zeros(4).scatter_add(0, I([0, 0, 2]), x) + torch.zeros(4).index_add(0,"
                         " I([0, 0, 2]), x, alpha=2.0) + torch.zeros(4).index_put((I([1, 1, 3]),), x, accumulate=True)"
                         " + torch.zeros(4).scatter(0, I([0, 1, 2]), x)", ["3"]),
    "shapes": ("lambda x, y: torch.stack([x, y]).transpose(0, 1).reshape(-1).roll(1) * torch.cat([x, y]).repeat(1)"
               " + torch.outer(x, y).trace() + torch.kron(x, y).sum()", ["3", "3"]),
    "diagonals": ("lambda x: x.diagonal().sum() + torch.diag(x).sum() + x.triu().sum() + x.prod() + x.prod(0)",
                  ["3, 3"]),
    "parts": ("lambda x: [p.sum() * i for i, p in enumerate(x.chunk(3))] + [x.nansum(), x.mean()]", ["6"]),
    "made": ("lambda x: torch.zeros_like(x) + torch.full_like(x, 2.0) * x + x.to(torch.int64) + x.new_zeros(3)"
             " + torch.masked_fill(x, x > 0, 7.0) + x.index_fill(0, I([1]), 2.0)", ["3"]),
    "detached": ("lambda x: (x * x.detach()).sum() + (x - x.mean().detach()).pow(2).sum()", ["3"]),
    "numbers": ("lambda x, y: x % 2.0 + torch.fmod(x, 2.0) + torch.atan2(x, y) + torch.hypot(x, y) + torch.fmax(x, y)"
                " + torch.logaddexp(x, y) + torch.lerp(x, y, 0.3) + x.addcmul(x, y, value=2.0) + torch.addcdiv(x, x, y)"
                " + x**y + 2.0**x + x**0 + x**0.5 + x**1 + (3 - x) + x / 2 + torch.div(x, y, rounding_mode='floor')"
                " + torch.xlogy(x, y) + torch.sub(x, y, alpha=3) + x.round(decimals=1) + torch.fmin(x, y)",
                ["+3", "+3"]),
    "second derivatives": ("lambda x: torch.autograd.grad((x**3).sum().tanh(), x, create_graph=True)[0].pow(2)", ["3"]),
    "branch": ("lambda x: x * 2 if x.sum() > 0 else x * 3", ["3"]),
    "no gradient inside": ("no_gradient", ["3"]),
}  # fmt: skip
MODULES = {
    "mlp": ("nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2))", ["2, 3"]),
    "convolutions": ("nn.Sequential(nn.Conv2d(2, 3, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),"
                     " nn.Linear(12, 2))", ["1, 2, 4, 4"]),
    "gru cell": ("nn.GRUCell(2, 3)", ["2, 2", "2, 3"]),
    "lstm cell": ("Last(nn.LSTMCell(2, 3))", ["2, 2"]),
    "gru": ("Last(nn.GRU(2, 3, batch_first=True))", ["1, 3, 2"]),
    "lstm": ("Last(nn.LSTM(2, 2, num_layers=2))", ["3, 1, 2"]),
    "rnn": ("Last(nn.RNN(2, 3))", ["3, 1, 2"]),
    "layer norm": ("nn.LayerNorm(4)", ["2, 4"]),
    "batch norm": ("nn.BatchNorm2d(2).eval()", ["1, 2, 2, 2"]),
    "heads": ("Last(Same(nn.MultiheadAttention(4, 2, batch_first=True)))", ["1, 3, 4"]),
    "transformer": ("nn.TransformerEncoderLayer(4, 2, 8, dropout=0.0, batch_first=True)", ["1, 2, 4"]),
    "dropout off": ("nn.Sequential(nn.Linear(2, 2), nn.Dropout(0.5)).eval()", ["2"]),
}  # fmt: skip


def in_place(x):
    import torch

    y = torch.zeros(3)
    y[0] = x[0] * 2
    y[1:] = x[1:]
    y *= x
    y += 1
    y[1] += x[2]
    y.unsqueeze_(0)
    return y


def no_gradient(x):
    import torch

    y = x * 2
    with torch.no_grad():
        y.clamp_min_(-99.0)  # changes nothing
        z = x * 3
        z += 1
    return y + z


@pytest.fixture
def space():
    """Return the names of the cases, with PyTorch in float64."""
    import torch
    from torch import nn

    class Last(nn.Module):
        def __init__(self, inner):
            super().__init__()
            self.inner = inner

        def forward(self, x):
            return self.inner(x)[0]

    class Same(nn.Module):
        def __init__(self, inner):
            super().__init__()
            self.inner = inner

        def forward(self, x):
            return self.inner(x, x, x)

    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(0)
    yield {"torch": torch, "nn": nn, "F": nn.functional, "T": torch.tensor, "I": torch.tensor, "Last": Last, "Same": Same,
           "in_place": in_place, "no_gradient": no_gradient}  # fmt: skip
    torch.set_default_dtype(before)


def tensor(torch, given):
    if isinstance(given, list):
        return torch.tensor(given)
    shape = [int(size) for size in given.lstrip("+").split(",")]
    return torch.rand(shape) * 0.8 + 0.1 if given.startswith("+") else torch.randn(shape)


def difference(torch, function, tensors, parameters=()):
    """Return how far `from_torch` is from PyTorch for a function."""
    unrolled = from_torch(function, *tensors)
    given = [x.detach().clone().requires_grad_() for x in tensors]
    for _, parameter in parameters:
        parameter.grad = None
    out = function(*given)
    outputs = torch.cat([x.reshape(-1) for x in (out if isinstance(out, list | tuple) else [out])])
    (outputs * torch.linspace(0.5, 1.5, outputs.numel())).sum().backward()
    names = list(inspect.signature(getattr(function, "forward", function)).parameters)
    gradients = {}
    for name, x in [*zip(names, given, strict=False), *parameters]:
        for place in product(*map(range, x.shape)):
            gradients[label(name, place)] = 0.0 if x.grad is None else float(x.grad[place])
    return largest_difference(unrolled, outputs.tolist(), gradients)


@pytest.mark.parametrize("name", CASES)
def test_a_function_has_the_values_and_gradients_of_pytorch(name, space):
    text, shapes = CASES[name]
    torch = space["torch"]
    tensors = [tensor(torch, shape) for shape in shapes]
    assert difference(torch, eval(text, space), tensors) < TOLERANCE


@pytest.mark.parametrize("name", MODULES)
def test_a_module_has_the_values_and_gradients_of_pytorch(name, space):
    text, shapes = MODULES[name]
    torch, module = space["torch"], eval(text, space)
    tensors = [tensor(torch, shape) for shape in shapes]
    assert difference(torch, module, tensors, list(module.named_parameters())) < TOLERANCE


def composition(draw):
    """Return the text of a random function of a matrix of 2 x 3 and one of 3 x 2."""
    same = ["{}.tanh()", "F.softmax({}, -1)", "({}).sigmoid() * 2", "F.gelu({})", "({} - {}.mean())", "F.layer_norm({}, (3,))",
            "torch.where({} > 0, {}, 0.3 * {})", "({}).flip(0)", "({} * {}.detach())", "F.log_softmax({}, 0)", "({}).abs()",
            "({}).cumsum(1)", "({}).roll(1, 1)", "({}).clamp(-0.7, 0.9)", "({} @ y @ x)", "torch.exp(-{}**2)", "({}).relu()",
            "({} / (1 + {}**2))", "({}).sort(1)[0]", "torch.maximum({}, x)", "({} + x.amax(1, keepdim=True))",
            "torch.cat([{}[:, 1:], x[:, :1]], 1)", "({}).t().reshape(2, 3)", "F.softplus({})"]  # fmt: skip
    text = "x"
    for _ in range(draw.randint(2, 5)):
        text = draw.choice(same).replace("{}", f"({text})" if len(text) > 1 else text)
        if len(text) > 400:
            break
    return (
        f"lambda x, y: ({text}).{draw.choice(['sum()', 'mean(0)', 'pow(2).mean()', 'std(1)', 'logsumexp(1)', 'max()'])}"
    )


@pytest.mark.parametrize("seed", range(COUNT))
def test_random_compositions_have_the_values_and_gradients_of_pytorch(seed, space):
    torch, text = space["torch"], composition(random.Random(seed))
    torch.manual_seed(seed)
    assert difference(torch, eval(text, space), [torch.randn(2, 3), torch.randn(3, 2)]) < 1e-11, text


# --- names, places, messages ----------------------------------------------------------------------------


def test_nodes_have_names_scopes_and_lines(space):
    torch, nn = space["torch"], space["nn"]
    model = nn.Sequential(nn.Linear(2, 2), nn.Tanh())
    own = torch.ones(2, requires_grad=True)

    def loss(x):
        return (model(x) * own).sum()  # the line

    root = from_torch(loss, torch.ones(2))
    labels = {leaf.label for leaf in engine.leaves(root)}
    assert {"x[0]", "0.weight[1][0]", "0.bias[1]", "own[0]"} <= labels
    assert root.source.text == "return (model(x) * own).sum()"
    assert {node.scope for node in engine.topological_order(root) if node.op.name == "tanh"} == {("1",)}


def test_arguments_may_be_structures_and_keywords(space):
    torch = space["torch"]
    root = from_torch(
        lambda p, *rest, k: (p["w"] * rest[0]).sum() + k, {"w": torch.ones(1)}, torch.ones(1), k=torch.tensor(2.0)
    )
    assert {leaf.label for leaf in engine.leaves(root)} == {"p.w[0]", "rest[0][0]", "k"}
    found = from_torch(lambda x: {"a": x, "n": x.argmax(), "c": torch.ones(())}, torch.tensor([1.0]))
    assert found["a"][0].label == "x[0]" and int(found["n"]) == 0 and found["c"].data == 1.0
    assert from_torch(lambda x, n, i: x[i] * n, torch.ones(2), 3, torch.tensor(1)).data == 3.0
    noise = torch.ones(2).to_sparse()
    with pytest.raises(GraphError, match="sparse"):
        from_torch(lambda x: x.to_sparse() * noise + x.to_sparse(), torch.ones(2))
    matrix = torch.eye(2).to_sparse().requires_grad_()
    with pytest.raises(GraphError, match="sparse"):
        from_torch(lambda x: torch.sparse.mm(matrix, x), torch.ones(2, 2))
    aten = torch.ops.aten
    assert (
        from_torch(
            lambda x: aten.full_like(x, fill_value=2.0) * x + torch.zeros_like(x, dtype=torch.int64), torch.tensor(1.0)
        ).data
        == 2.0
    )
    root = from_torch(lambda x: torch.native_dropout(x, 0.5, True)[0].sum(), torch.ones(30))
    assert len(engine.leaves(root)) < 30 and root.data == 2.0 * len(engine.leaves(root))
    found = from_torch(
        lambda x: torch.amax(torch.stack([x * 0.0, x * 0.0])) + torch.lgamma(-x).detach(), torch.tensor(0.5)
    )
    assert found.is_constant
    assert from_torch(torch.add, torch.tensor(1.0), torch.tensor(2.0)).data == 3.0


def test_several_modules_and_methods(space):
    torch, nn = space["torch"], space["nn"]
    first, second = nn.Linear(1, 1), nn.Linear(1, 1)
    empty = None
    root = from_torch(lambda x: second(first(x)) if empty is None else x, torch.ones(1))[0]
    assert {leaf.label for leaf in engine.leaves(root)} >= {"first.weight[0][0]", "second.bias[0]"}
    root = from_torch(first.forward, torch.ones(1))[0]
    assert {leaf.label for leaf in engine.leaves(root)} == {"input[0]", "weight[0][0]", "bias[0]"}
    hidden = [nn.Linear(1, 1, bias=False)]
    root = from_torch(lambda x: hidden[0](x), torch.ones(1))[0]
    assert root.scope == ("Linear",)
    assert from_torch(lambda: torch.ones(1, requires_grad=True))[0].is_leaf
    if shown_later := 0:
        later = 1
    assert from_torch(lambda x: x if not shown_later else later, torch.ones(1))[0].label == "x[0]"


def test_more_nodes_than_the_limit_are_refused(space):
    torch = space["torch"]
    with pytest.raises(GraphError, match=r"at most 100 nodes, and mm in .*test_torch.py:.* would make .* nodes"):
        from_torch(lambda a, b: a @ b, torch.ones(5, 5), torch.ones(5, 5), limit=100)
    with pytest.raises(UsageError, match="limit must be a whole number"):
        from_torch(torch.sin, torch.ones(1), limit=0)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("lambda x: torch.erfinv(x)", "there is no rule for"),
        ("lambda x: torch.linalg.inv(x[None, None])", "PyTorch does not decompose it"),
        ("lambda x: torch.fft.fft(x)", "complex tensors have no scalars"),
        ("lambda x: x.to_sparse()", ""),
        ("lambda x: torch.zeros(1).scatter_reduce(0, I([0]), x, 'amax')", "reduce='amax' has no rule"),
    ],
)
def test_what_cannot_be_unrolled_is_named_with_its_line(text, says, space):
    with pytest.raises(GraphError, match="from_torch cannot unroll .*" + says):
        from_torch(eval(text, space), space["torch"].ones(1) * 0.5)


def test_drawn_numbers_stay_as_they_were_drawn(space):
    torch = space["torch"]
    root = from_torch(lambda x: torch.nn.functional.dropout(x, 0.5).sum(), torch.ones(20))
    assert {leaf.label for leaf in engine.leaves(root)} < {f"x[{i}]" for i in range(20)}
    assert from_torch(lambda x: torch.bernoulli(x), torch.ones(1))[0].data == 1.0


@pytest.mark.parametrize(("module", "extra"), [("torch", "PyTorch"), ("numpy", "NumPy")])
def test_what_is_missing_is_named(module, extra, monkeypatch):
    import torch

    monkeypatch.setitem(__import__("sys").modules, module, None)
    with pytest.raises(StepgradError, match=f"{extra}: pip install"):
        from_torch(lambda x: x, torch)
