"""Record what PyTorch computes, for tests to compare with.

Run with PyTorch 2.13.0 (the version is kept in each file), in this folder:

    python record_pytorch.py

It writes operations.json, losses.json, optimisers.json and random.json. Everything but the random numbers is
computed in float64.
"""

import json
from pathlib import Path

import torch
import torch.nn.functional as F

HERE = Path(__file__).parent
torch.set_default_dtype(torch.float64)

OPERATIONS = {
    "add": (lambda x, y: x + y, [(2.0, -3.5), (1e8, 1e-8)]),
    "sub": (lambda x, y: x - y, [(2.0, -3.5)]),
    "mul": (lambda x, y: x * y, [(2.0, -3.5), (0.0, 4.0)]),
    "div": (lambda x, y: x / y, [(2.0, -3.5), (0.0, 0.3)]),
    "neg": (lambda x: -x, [(2.0,)]),
    "power 3": (lambda x: x**3, [(2.0,), (-2.0,), (0.0,)]),
    "power -1.5": (lambda x: x**-1.5, [(2.0,), (0.3,)]),
    "power 2": (lambda x: x**2, [(2.0,), (-2.0,), (0.0,)]),
    "pow": (lambda x, y: x**y, [(2.0, 3.0), (0.5, -1.5), (3.0, 0.5)]),
    "exp": (torch.exp, [(0.7,), (-30.0,), (5.0,)]),
    "log": (torch.log, [(0.7,), (1e-8,), (400.0,)]),
    "log1p": (torch.log1p, [(0.7,), (-0.5,), (1e-12,)]),
    "expm1": (torch.expm1, [(0.7,), (-30.0,), (1e-12,)]),
    "sqrt": (torch.sqrt, [(0.7,), (400.0,)]),
    "sin": (torch.sin, [(0.7,), (-3.0,), (100.0,)]),
    "cos": (torch.cos, [(0.7,), (-3.0,), (100.0,)]),
    "tan": (torch.tan, [(0.7,), (-1.2,)]),
    "tanh": (torch.tanh, [(0.7,), (-3.0,), (1000.0,), (-1000.0,)]),
    "sigmoid": (torch.sigmoid, [(0.7,), (-3.0,), (1000.0,), (-1000.0,)]),
    "relu": (torch.relu, [(0.7,), (-3.0,), (0.0,), (1000.0,), (-1000.0,)]),
    "leaky_relu": (F.leaky_relu, [(0.7,), (-3.0,), (0.0,), (1000.0,), (-1000.0,)]),
    "leaky_relu 0.2": (lambda x: F.leaky_relu(x, 0.2), [(0.7,), (-3.0,), (0.0,)]),
    "elu": (F.elu, [(0.7,), (-3.0,), (1000.0,), (-1000.0,)]),
    "elu 2": (lambda x: F.elu(x, 2.0), [(0.7,), (-3.0,)]),
    "softplus": (lambda x: -F.logsigmoid(-x), [(0.7,), (-3.0,), (1000.0,), (-1000.0,)]),
    "silu": (F.silu, [(0.7,), (-3.0,), (1000.0,), (-1000.0,)]),
    "gelu": (F.gelu, [(0.7,), (-3.0,), (1000.0,), (-1000.0,)]),
    "abs": (torch.abs, [(0.7,), (-3.0,), (0.0,)]),
    "sign": (torch.sign, [(0.7,), (-3.0,), (0.0,)]),
    "maximum": (torch.maximum, [(0.7, -3.0), (1.0, 2.0), (2.0, 2.0)]),
    "minimum": (torch.minimum, [(0.7, -3.0), (1.0, 2.0), (2.0, 2.0)]),
    "erf": (torch.erf, [(0.7,), (-2.0,)]),
    "erfc": (torch.erfc, [(0.7,), (-2.0,)]),
}


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
    "mean_squared_error": (F.mse_loss, OUTPUTS, TARGETS),
    "half_squared_error": (lambda o, t: 0.5 * F.mse_loss(o, t), OUTPUTS, TARGETS),
    "mean_absolute_error": (F.l1_loss, OUTPUTS, TARGETS),
    "huber": (F.huber_loss, OUTPUTS, TARGETS),
    "binary_cross_entropy": (F.binary_cross_entropy, PROBABILITIES, SHARES),
    "binary_cross_entropy_with_logits": (F.binary_cross_entropy_with_logits, LOGITS, CLASSES),
    "hinge": (lambda o, t: F.relu(1 - o * t).mean(), OUTPUTS, SIGNS),
    "cross_entropy": (F.cross_entropy, SCORES, LABELS),
}


def loss_and_gradients(function, outputs, targets):
    """Return a loss, its gradients and its second derivatives by the outputs (flattened)."""
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


OPTIMISERS = {
    "SGD": [
        {"lr": 0.01},
        {"lr": 0.01, "momentum": 0.9},
        {"lr": 0.01, "momentum": 0.9, "dampening": 0.3, "weight_decay": 0.1},
        {"lr": 0.01, "momentum": 0.8, "nesterov": True, "weight_decay": 0.05},
    ],
    "RMSprop": [{}, {"momentum": 0.5, "weight_decay": 0.1}, {"centered": True, "alpha": 0.9, "momentum": 0.3}],
    "Adagrad": [{}, {"lr": 0.1, "lr_decay": 0.05, "weight_decay": 0.1, "initial_accumulator_value": 0.2}],
    "Adam": [{}, {"lr": 0.05, "betas": (0.8, 0.95), "weight_decay": 0.1}, {"lr": 0.1, "amsgrad": True}],
    "AdamW": [{}, {"lr": 0.05, "weight_decay": 0.2, "amsgrad": True}],
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
    }
    linear = torch.nn.Linear(3, 4)
    drawn["linear 3 -> 4"] = {"weights": linear.weight.tolist(), "bias": linear.bias.tolist()}
    torch.set_default_dtype(torch.float64)
    return drawn


def write(name, content):
    """Write a file of recorded numbers."""
    content = {"torch": torch.__version__, **content}
    (HERE / name).write_text(json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    write("operations.json", {"operations": {n: [derivatives(f, at) for at in points] for n, (f, points) in OPERATIONS.items()}})
    write("losses.json", {"losses": {n: loss_and_gradients(*case) for n, case in LOSSES.items()}})
    runs = [
        {"optimiser": kind, "options": options, "path": trajectory(kind, options)}
        for kind, variants in OPTIMISERS.items()
        for options in variants
    ]
    write("optimisers.json", {"start": START, "runs": runs})
    write("random.json", {"seeds": {str(seed): random_numbers(seed) for seed in (0, 1, 2, 42, 2**32 + 5)}})
