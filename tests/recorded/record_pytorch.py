"""Record what PyTorch computes, for tests to compare with.

Run with PyTorch 2.13.0 (the version is kept in each file), in this folder:

    python record_pytorch.py

It writes operations.json, losses.json, optimisers.json, random.json and training.json. Everything but the random
numbers is computed in float64. Dropout must be recorded where PyTorch does not leave it to Intel's MKL, as on an AMD
processor.
"""

import json
from pathlib import Path

import torch
from torch.nn import functional

HERE = Path(__file__).parent
torch.set_default_dtype(torch.float64)

EVERYWHERE = [(x,) for x in (-1000.0, -30.0, -3.0, -0.7, -1e-9, 0.0, 0.3, 1.0, 2.5, 30.0, 1000.0)]
NEAR_GELU = [at for at in EVERYWHERE if at != (-30.0,)]  # there PyTorch rounds -1.5e-196 to 0
SMOOTH_ELU = [at for at in EVERYWHERE if at != (0.0,)]  # the second derivative has a jump at 0
POSITIVE = [(x,) for x in (1e-9, 0.3, 1.0, 2.5, 30.0, 1000.0)]
WITHIN_1 = [(x,) for x in (-0.9999, -0.7, -1e-9, 0.0, 0.3, 0.999)]
NEAR_0 = [at for at in EVERYWHERE if abs(at[0]) < 100.0]
KINKS = [*EVERYWHERE, (-1.0,), (3.0,), (-2.5,)]
PAIRS = [(-0.7, 0.3), (1000.0, -1000.0), (-3.0, -3.0), (1e-9, 1e9), (0.3, 0.3)]

OPERATIONS = {
    "add": (lambda x, y: x + y, [(2.0, -3.5), (1e8, 1e-8), *PAIRS]),
    "sub": (lambda x, y: x - y, [(2.0, -3.5), *PAIRS]),
    "mul": (lambda x, y: x * y, [(2.0, -3.5), (0.0, 4.0), *PAIRS]),
    "div": (lambda x, y: x / y, [(2.0, -3.5), (0.0, 0.3), *PAIRS]),
    "neg": (lambda x: -x, EVERYWHERE),
    "power 3": (lambda x: x**3, EVERYWHERE),
    "power -1.5": (lambda x: x**-1.5, [(2.0,), (0.3,)]),
    "power 2": (lambda x: x**2, EVERYWHERE),
    "power 0": (lambda x: x**0.0, [(-3.0,), (0.3,), (1000.0,)]),
    "power 1": (lambda x: x**1.0, [(-3.0,), (0.0,), (0.3,)]),
    "power -1": (lambda x: x**-1.0, [(-1000.0,), (-0.7,), (30.0,)]),
    "power 0.5": (lambda x: x**0.5, POSITIVE),
    "pow": (lambda x, y: x**y, [(2.0, 3.0), (0.5, -1.5), (3.0, 0.5), (1.0, 1000.0), (1e-3, 0.5)]),
    "exp": (torch.exp, [(-1000.0,), (-30.0,), (0.0,), (0.7,), (5.0,), (700.0,)]),
    "log": (torch.log, POSITIVE),
    "log1p": (torch.log1p, [(-0.999,), (-0.5,), (0.0,), *POSITIVE]),
    "expm1": (torch.expm1, [(-1000.0,), (-30.0,), (0.0,), (1e-12,), (0.7,), (700.0,)]),
    "sqrt": (torch.sqrt, POSITIVE),
    "sin": (torch.sin, EVERYWHERE),
    "cos": (torch.cos, EVERYWHERE),
    "tan": (torch.tan, EVERYWHERE),
    "tanh": (torch.tanh, EVERYWHERE),
    "sigmoid": (torch.sigmoid, EVERYWHERE),
    "relu": (torch.relu, EVERYWHERE),
    "leaky_relu": (functional.leaky_relu, EVERYWHERE),
    "leaky_relu 0.2": (lambda x: functional.leaky_relu(x, 0.2), EVERYWHERE),
    "elu": (functional.elu, SMOOTH_ELU),
    "elu 2": (lambda x: functional.elu(x, 2.0), SMOOTH_ELU),
    "softplus": (lambda x: -functional.logsigmoid(-x), EVERYWHERE),
    "silu": (functional.silu, EVERYWHERE),
    "gelu": (functional.gelu, NEAR_GELU),
    "abs": (torch.abs, EVERYWHERE),
    "sign": (torch.sign, EVERYWHERE),
    "maximum": (torch.maximum, [(0.7, -3.0), (1.0, 2.0), *PAIRS]),
    "minimum": (torch.minimum, [(0.7, -3.0), (1.0, 2.0), *PAIRS]),
    "erf": (torch.erf, EVERYWHERE),
    "erfc": (torch.erfc, EVERYWHERE),
    "mod": (torch.remainder, [(7.5, 2.0), (-7.5, 2.0), (7.5, -2.0), (1.0, 0.1), (6.0, 2.0), (-0.7, 0.3), (1e9, 3.0)]),
    "exp2": (torch.exp2, [(-1000.0,), (-30.0,), (0.0,), (0.7,), (5.0,), (1000.0,)]),
    "log2": (torch.log2, POSITIVE),
    "log10": (torch.log10, POSITIVE),
    "logaddexp": (torch.logaddexp, [(-0.7, 0.3), (-3.0, -3.0), (10.0, 12.5)]),
    "hypot": (torch.hypot, [(3.0, 4.0), *PAIRS]),
    "asin": (torch.asin, WITHIN_1),
    "acos": (torch.acos, WITHIN_1),
    "atanh": (torch.atanh, WITHIN_1),
    "acosh": (torch.acosh, [(1.0001,), (1.5,), (30.0,), (1000.0,)]),
    "asinh": (torch.asinh, EVERYWHERE),
    "atan": (torch.atan, EVERYWHERE),
    "atan2": (torch.atan2, [(0.7, -2.0), (0.0, -1.0), (-2.0, 0.0), *PAIRS]),
    "sinh": (torch.sinh, NEAR_0),
    "cosh": (torch.cosh, NEAR_0),
    "sinc": (torch.sinc, [(-3.3,), (-0.7,), (0.3,), (2.5,), (30.2,)]),  # it has few digits near whole numbers
    "softsign": (functional.softsign, EVERYWHERE),
    "mish": (functional.mish, NEAR_0),
    "selu": (functional.selu, SMOOTH_ELU),
    "hardtanh": (functional.hardtanh, KINKS),
    "hardsigmoid": (lambda x: functional.hardtanh(x, -3.0, 3.0) / 6.0 + 0.5, KINKS),  # its own is of 32 bits
    "hardswish": (functional.hardswish, KINKS),
    "floor": (torch.floor, EVERYWHERE),
    "ceil": (torch.ceil, EVERYWHERE),
    "clip": (torch.clamp, [(-0.7, 0.0, 1.0), (0.0, 0.0, 1.0), (0.3, 0.0, 1.0), (1.0, 0.0, 1.0), (3.0, 0.0, 1.0),
                           (0.5, 1.0, 0.0), (-3.0, -1.0, -1.0)]),
}  # fmt: skip


def derivatives(function, at):
    """Return value, first derivatives and the matrix of second derivatives."""
    x = [torch.tensor(number, requires_grad=True) for number in at]
    out = function(*x)
    first = torch.autograd.grad(out, x, create_graph=True, allow_unused=True)
    rows = []
    for slope in first:
        if slope is None or not slope.requires_grad:
            rows.append([0.0] * len(x))
            continue
        row = torch.autograd.grad(slope, x, retain_graph=True, allow_unused=True)
        rows.append([0.0 if second is None else second.item() for second in row])
    return {
        "at": at,
        "value": out.item(),
        "first": [0.0 if slope is None else slope.item() for slope in first],
        "second": rows,
    }


OUTPUTS = [0.3, -1.2, 2.5, 0.0, -0.4]
TARGETS = [1.0, -1.0, 0.25, 0.0, 2.0]
PROBABILITIES = [0.8, 0.4, 0.05, 0.999]
SHARES = [1.0, 0.0, 0.3, 1.0]
LOGITS = [1.5, -2.0, 1000.0, -1000.0, 0.0]
CLASSES = [1.0, 0.0, 0.0, 1.0, 0.5]
SIGNS = [1.0, -1.0, 1.0, -1.0, 1.0]
SCORES = [[2.0, -1.0, 0.5], [1000.0, 1001.0, 999.0], [0.3, 0.3, 0.3]]
LABELS = [0, 1, 2]

LOSSES = {
    "mean_squared_error": (functional.mse_loss, OUTPUTS, TARGETS),
    "half_squared_error": (lambda o, t: 0.5 * functional.mse_loss(o, t), OUTPUTS, TARGETS),
    "mean_absolute_error": (functional.l1_loss, OUTPUTS, TARGETS),
    "mean_squared_error, nested": (functional.mse_loss, [OUTPUTS[:3], OUTPUTS[1:4]], [TARGETS[:3], TARGETS[1:4]]),
    "huber": (functional.huber_loss, OUTPUTS, TARGETS),
    "huber, delta 0.4": (lambda o, t: functional.huber_loss(o, t, delta=0.4), OUTPUTS, TARGETS),
    "binary_cross_entropy": (functional.binary_cross_entropy, PROBABILITIES, SHARES),
    "binary_cross_entropy_with_logits": (functional.binary_cross_entropy_with_logits, LOGITS, CLASSES),
    "hinge": (lambda o, t: functional.relu(1 - o * t).mean(), OUTPUTS, SIGNS),
    "cross_entropy": (functional.cross_entropy, SCORES, LABELS),
    "cross_entropy, one sample": (functional.cross_entropy, SCORES[0], 2),
}


def loss_and_gradients(function, outputs, targets):
    """Return a loss, its gradients and its second derivatives with respect to the outputs (flattened)."""
    o, t = torch.tensor(outputs, requires_grad=True), torch.tensor(targets)
    loss = function(o, t)
    loss.backward()
    hessian = torch.autograd.functional.hessian(lambda x: function(x, t), torch.tensor(outputs))
    size = o.numel()
    return {
        "outputs": outputs,
        "targets": targets,
        "loss": loss.item(),
        "gradients": o.grad.reshape(-1).tolist(),
        "second": hessian.reshape(size, size).tolist(),
    }


CERTAIN = {
    "outputs": [0.0, 1.0, 1.0, 0.3],
    "targets": [1.0, 0.0, 1.0, 0.0],
}  # PyTorch's logarithms end at -100


def certain_cross_entropy():
    """Return the value of binary_cross_entropy where predictions are certain, right and wrong."""
    return {**CERTAIN, "loss": functional.binary_cross_entropy(*map(torch.tensor, CERTAIN.values())).item()}


OPTIMISERS = {
    "SGD": [
        {},
        {"lr": 0.01},
        {"lr": 0.01, "momentum": 0.9},
        {"lr": 0.01, "momentum": 0.9, "dampening": 0.3, "weight_decay": 0.1},
        {"lr": 0.01, "momentum": 0.8, "nesterov": True, "weight_decay": 0.05},
    ],
    "RMSprop": [
        {},
        {"momentum": 0.5, "weight_decay": 0.1},
        {"centered": True, "alpha": 0.9, "momentum": 0.3},
        {"centered": True, "lr": 0.005, "eps": 1e-6},
    ],
    "Adagrad": [{}, {"lr": 0.1, "lr_decay": 0.05, "weight_decay": 0.1, "initial_accumulator_value": 0.2}],
    "Adam": [{}, {"lr": 0.05, "betas": (0.8, 0.95), "weight_decay": 0.1}, {"lr": 0.1, "amsgrad": True}],
    "AdamW": [
        {},
        {"lr": 0.05, "betas": (0.5, 0.7), "eps": 1e-4},
        {"lr": 0.05, "weight_decay": 0.2, "amsgrad": True},
    ],
}
START = [-1.2, 1.0, 0.5]


def valley(x, y, z):
    """Return a Rosenbrock valley with a wave across it."""
    return (1 - x) ** 2 + 3 * (y - x * x) ** 2 + (z * x).sin() + 0.5 * z * z


def trajectory(kind, options, steps=25):
    """Return the parameters after each step of an optimiser."""
    p = [torch.tensor(number, requires_grad=True) for number in START]
    optimiser = getattr(torch.optim, kind)(p, **options)
    path = []
    for _ in range(steps):
        optimiser.zero_grad()
        valley(*p).backward()
        optimiser.step()
        path.append([x.item() for x in p])
    return path


MLP = {  # for each layer, for each neuron, its weights and then its bias
    "layers": [[[0.5, -0.25, 0.1], [-0.75, 1.0, -0.2], [0.3, 0.6, 0.05]], [[0.8, -0.6, 0.4, -0.1]]],
    "inputs": [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0], [0.5, -1.0]],
    "targets": [0.0, 1.0, 1.0, 0.0, -0.5],
}


def mlp_trajectory(kind, options, steps=25):
    """Return the losses of a tanh network before each step, and its numbers after the last, as in MLP["layers"]."""
    layers = [torch.nn.Linear(len(layer[0]) - 1, len(layer)) for layer in MLP["layers"]]
    with torch.no_grad():
        for linear, layer in zip(layers, map(torch.tensor, MLP["layers"]), strict=True):
            linear.weight.copy_(layer[:, :-1])
            linear.bias.copy_(layer[:, -1])
    model = torch.nn.Sequential(layers[0], torch.nn.Tanh(), layers[1])
    optimiser = getattr(torch.optim, kind)(model.parameters(), **options)
    losses = []
    for _ in range(steps):
        optimiser.zero_grad()
        loss = functional.mse_loss(model(torch.tensor(MLP["inputs"])).flatten(), torch.tensor(MLP["targets"]))
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    after = [torch.cat([linear.weight, linear.bias[:, None]], dim=1).tolist() for linear in layers]
    return {"losses": losses, "layers": after}


def random_numbers(seed):
    """Return what the generator gives after a seed, in the order of the keys."""
    torch.set_default_dtype(torch.float32)
    torch.manual_seed(seed)
    drawn = {
        "randn 3": torch.randn(3).tolist(),
        "randn 2x2": torch.randn(2, 2).tolist(),
        "rand 4": torch.rand(4).tolist(),
        "randn 16": torch.randn(16).tolist(),
        "randn 1": torch.randn(1).tolist(),
        "randn 37": torch.randn(37).tolist(),
        "randperm 9": torch.randperm(9).tolist(),
        "uniform 5": torch.empty(5).uniform_(-0.5, 2.0).tolist(),
        "randn 5": torch.randn(5).tolist(),
        "rand 2": torch.rand(2).tolist(),
        "randn 4": torch.randn(4).tolist(),
        "randn 2x3x4": torch.randn(2, 3, 4).tolist(),
    }
    linear = torch.nn.Linear(3, 4)
    drawn["linear 3 -> 4"] = {"weights": linear.weight.tolist(), "bias": linear.bias.tolist()}
    torch.set_default_dtype(torch.float64)
    return drawn


def normal_numbers(count):
    """Return so many normal numbers; the seed is their count."""
    torch.manual_seed(count)
    return torch.randn(count, dtype=torch.float32).tolist()


INITS = {
    "xavier_uniform": torch.nn.init.xavier_uniform_,
    "xavier_normal": torch.nn.init.xavier_normal_,
    "he_uniform": torch.nn.init.kaiming_uniform_,
    "he_normal": torch.nn.init.kaiming_normal_,
    "normal": torch.nn.init.normal_,
    "zeros": torch.nn.init.zeros_,
}
SIZES = [(1, 1), (3, 4), (5, 7), (64, 2), (2, 8)]  # inputs and outputs


def first_weights(name, inputs, outputs, seed):
    """Return the weights that an initialisation draws after a seed."""
    torch.manual_seed(seed)
    weights = INITS[name](torch.empty(outputs, inputs, dtype=torch.float32))
    return {"init": name, "inputs": inputs, "outputs": outputs, "seed": seed, "weights": weights.tolist()}


def dropout(p, count, seed):
    """Return what dropout makes of 1, 2, 3, ... and its gradients, after a seed."""
    torch.manual_seed(seed)
    x = torch.arange(1.0, count + 1.0, requires_grad=True)
    out = torch.nn.Dropout(p)(x)
    out.sum().backward()
    return {"p": p, "seed": seed, "outputs": out.tolist(), "gradients": x.grad.tolist()}


def random_split(lengths, seed):
    """Return the numbers of the samples in the parts of a random split."""
    parts = torch.utils.data.random_split(range(sum(lengths)), lengths, torch.Generator().manual_seed(seed))
    return {"seed": seed, "parts": [list(part.indices) for part in parts]}


def write(name, content):
    """Write a file of recorded numbers."""
    content = {"torch": torch.__version__, **content}
    (HERE / name).write_text(json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    write(
        "operations.json",
        {"operations": {n: [derivatives(f, at) for at in points] for n, (f, points) in OPERATIONS.items()}},
    )
    losses = {n: loss_and_gradients(*case) for n, case in LOSSES.items()}
    write("losses.json", {"losses": losses, "certain binary_cross_entropy": certain_cross_entropy()})
    runs = [
        {
            "optimiser": kind,
            "options": options,
            "path": trajectory(kind, options),
            "mlp": mlp_trajectory(kind, options),
        }
        for kind, variants in OPTIMISERS.items()
        for options in variants
    ]
    write("optimisers.json", {"start": START, "mlp": MLP, "runs": runs})
    seeds = (0, 1, 2, 42, 2**32 + 5, 2**63 + 11, -1, -7)
    counts = [*range(1, 41), 100]
    write(
        "random.json",
        {
            "seeds": {str(seed): random_numbers(seed) for seed in seeds},
            "randn of so many, with the count as seed": [normal_numbers(count) for count in counts],
        },
    )
    write(
        "training.json",
        {
            "first weights": [first_weights(name, *size, seed) for name in INITS for size in SIZES for seed in (0, 42)],
            "dropout": [dropout(p, 20, seed) for seed, p in enumerate((0.0, 0.2, 0.5, 0.9, 1.0))],
            "random split": [random_split(lengths, 7) for lengths in ([8, 2], [1, 1], [105, 45])],
        },
    )
