"""Record trainings of PyTorch over 100 steps, for the tests of `nn.fit` to compare with.

Run with PyTorch 2.13.0 (the version is kept in the file), in this folder:

    python record_fit.py

It writes fit.json. First numbers are drawn in float32, as PyTorch usually does; everything else is float64. Samples
are taken as a `DataLoader` without a generator of its own shuffles them.
"""

import json
from pathlib import Path

import torch
from torch.nn import functional
from torch.optim import lr_scheduler as schedulers

HERE = Path(__file__).parent
STEPS = 100


def network(seed, inputs, hidden, outputs, activation):
    """Return a network drawn in float32, to be trained in float64."""
    torch.manual_seed(seed)
    layers = [torch.nn.Linear(inputs, hidden), activation(), torch.nn.Linear(hidden, outputs)]
    return torch.nn.Sequential(*layers).double()


def numbers(model):
    """Return the weights and the bias of each neuron, layer after layer."""
    return [
        [[*weights, bias] for weights, bias in zip(layer.weight.tolist(), layer.bias.tolist(), strict=True)]
        for layer in (model[0], model[2])
    ]


def logits_loss(outputs, targets):
    """Return the binary cross-entropy of the only output."""
    return functional.binary_cross_entropy_with_logits(outputs.flatten(), targets.double())


def squared_loss(outputs, targets):
    """Return the mean squared error of the only output."""
    return functional.mse_loss(outputs.flatten(), targets)


CASES = {
    "regression": {
        "network": (1, 2, 6, 1, torch.nn.Tanh), "loss": squared_loss,
        "optimiser": ("SGD", {"lr": 0.1, "momentum": 0.9}), "size": 4,
        "schedule": lambda o: schedulers.LinearLR(o, 1.0, 0.2, STEPS),
    },
    "two classes": {
        "network": (2, 2, 5, 1, torch.nn.ReLU), "loss": logits_loss, "optimiser": ("AdamW", {"lr": 0.05}),
        "size": 5, "schedule": lambda o: schedulers.OneCycleLR(o, 0.05, STEPS, cycle_momentum=False),
        "clip_value": 0.02,
    },
    "three classes": {
        "network": (3, 2, 6, 3, torch.nn.Tanh), "loss": functional.cross_entropy, "optimiser": ("Adam", {"lr": 0.02}),
        "size": 6, "schedule": lambda o: schedulers.CosineAnnealingLR(o, STEPS, eta_min=0.002), "clip_norm": 0.3,
    },
    "penalties": {
        "network": (4, 2, 4, 1, torch.nn.Tanh), "loss": squared_loss, "optimiser": ("SGD", {"lr": 0.1}),
        "size": 20, "schedule": lambda o: schedulers.StepLR(o, 30, 0.5), "l1": 0.003, "l2": 0.02,
    },
    "everything": {
        "network": (5, 2, 4, 3, torch.nn.Sigmoid), "loss": functional.cross_entropy,
        "optimiser": ("RMSprop", {"lr": 0.01}), "size": 7, "schedule": lambda o: schedulers.LambdaLR(o, lambda i: 1.0),
        "l1": 0.001, "l2": 0.001, "clip_value": 0.1, "clip_norm": 0.25,
    },
}  # fmt: skip


def data(seed, kind):
    """Return inputs and targets of 20 samples."""
    generator = torch.Generator().manual_seed(seed)
    inputs = torch.randn(20, 2, dtype=torch.float64, generator=generator)
    if kind == "two classes":
        return inputs, (inputs[:, 0] * inputs[:, 1] > 0).long()
    if kind in ("three classes", "everything"):
        return inputs, (inputs.sum(dim=1) > 0.5).long() + (inputs[:, 0] > inputs[:, 1]).long()
    return inputs, torch.sin(inputs[:, 0]) + 0.5 * inputs[:, 1]


def training(kind, case):
    """Return the course of a training."""
    inputs, targets = data(100, kind)
    model = network(*case["network"])
    start = numbers(model)
    name, settings = case["optimiser"]
    optimiser = getattr(torch.optim, name)(model.parameters(), **settings)
    schedule = case["schedule"](optimiser)
    pairs = torch.utils.data.TensorDataset(inputs, targets)
    loader = torch.utils.data.DataLoader(pairs, batch_size=case["size"], shuffle=True)
    losses, rates = [], []
    while len(losses) < STEPS:
        for x, y in loader:
            loss = case["loss"](model(x), y)
            penalty = sum(case.get("l1", 0.0) * p.abs().sum() + case.get("l2", 0.0) * (p * p).sum()
                          for p in model.parameters())  # fmt: skip
            optimiser.zero_grad()
            (loss + penalty).backward()
            if "clip_value" in case:
                torch.nn.utils.clip_grad_value_(model.parameters(), case["clip_value"])
            if "clip_norm" in case:
                torch.nn.utils.clip_grad_norm_(model.parameters(), case["clip_norm"])
            losses.append(loss.item())
            rates.append(optimiser.param_groups[0]["lr"])
            optimiser.step()
            schedule.step()
    return {
        "inputs": inputs.tolist(),
        "targets": targets.tolist(),
        "start": start,
        "losses": losses,
        "rates": rates,
        "end": numbers(model),
    }


def orders(seed):
    """Return the orders of two epochs of 7 samples: of a loader without a generator of its own, and of one with one."""
    torch.manual_seed(seed)
    common = torch.utils.data.DataLoader(range(7), shuffle=True)
    own = torch.utils.data.DataLoader(range(7), shuffle=True, generator=torch.Generator().manual_seed(seed))
    return {name: [[int(i) for i in loader] for _ in range(2)] for name, loader in (("common", common), ("own", own))}


ACTIVATIONS = (
    "ELU", "GELU", "Hardsigmoid", "Hardswish", "Hardtanh", "LeakyReLU", "Mish", "ReLU", "SELU", "Sigmoid", "SiLU",
    "Softplus", "Softsign", "Tanh",
)  # fmt: skip


def module(activation):
    """Return a network with an activation: what it is made of, its numbers, and its outputs for some inputs."""
    torch.manual_seed(len(activation))
    model = torch.nn.Sequential(torch.nn.Linear(3, 4), getattr(torch.nn, activation)(), torch.nn.Linear(4, 2)).double()
    inputs = 2.0 * torch.randn(5, 3, dtype=torch.float64)
    parts = [{"weight": layer.weight.tolist(), "bias": layer.bias.tolist()} for layer in (model[0], model[2])]
    return {"parts": parts, "inputs": inputs.tolist(), "outputs": model(inputs).tolist()}


def main():
    """Write the file."""
    content = {
        "torch": torch.__version__,
        "orders": {seed: orders(seed) for seed in (0, 5, 2**40 + 1)},
        "modules": {activation: module(activation) for activation in ACTIVATIONS},
        "trainings": {kind: training(kind, case) for kind, case in CASES.items()},
    }
    (HERE / "fit.json").write_text(json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    main()
