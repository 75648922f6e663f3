"""PyTorch, with scalars and with matrices, in float64 like the others."""

from __future__ import annotations

from typing import Any

from tests.benchmarks.peers.base import LeftOut, Training
from tests.benchmarks.workloads import (
    BETA1,
    BETA2,
    HEADS,
    L2,
    LEARNING_RATE,
    NORM_TINY,
    SHAPES,
    TINY,
    Functions,
    Gpt,
    Network,
    Workload,
)


class TorchTraining(Training):
    """Train tensors with an optimiser of PyTorch.

    Args:
        parameters: the tensors to update.
        threads: how many threads PyTorch may use; None: as many as it chose.
    """

    from_none = True  # whether a step begins without gradients, as PyTorch has it, or with zeros

    def __init__(self, workload: Workload, parameters: list[Any], threads: int | None) -> None:
        import torch

        super().__init__(workload)
        self.torch, self.parameters = torch, parameters
        self.threads = threads or _threads_at_first()
        if workload.update == "adam":
            self.optimiser: Any = torch.optim.Adam(parameters, LEARNING_RATE, (BETA1, BETA2), TINY)
        else:
            self.optimiser = torch.optim.SGD(parameters, LEARNING_RATE if workload.update == "descent" else 0.0)

    def settle(self) -> None:
        """Set the number of threads."""
        self.torch.set_num_threads(self.threads)

    @property
    def batches(self) -> list[Any]:
        """What each update of a step learns from."""
        return [None]

    def loss(self, batch: Any) -> Any:
        """Return the loss of the next update."""
        raise NotImplementedError

    def step(self) -> float:
        """Do one training step; return the loss of its last update."""
        for group in self.optimiser.param_groups:
            group["lr"] = self.workload.rate(self.steps)
        for batch in self.batches:
            loss = self.loss(batch)
            self.optimiser.zero_grad(set_to_none=self.from_none)
            loss.backward()
            if self.workload.update != "none":
                self.optimiser.step()
        self.steps += 1
        return float(loss.item())

    def gradients(self) -> list[float]:
        """Return the gradients that the next update would use."""
        self.optimiser.zero_grad(set_to_none=self.from_none)
        self.loss(self.batches[0]).backward()
        return [x for p in self.parameters for x in p.grad.flatten().tolist()]


_chosen: list[int] = []


def _threads_at_first() -> int:
    import torch

    if not _chosen:
        _chosen.append(torch.get_num_threads())
    return _chosen[0]


class Scalars(TorchTraining):
    """Train tensors of one number each."""

    from_none = False

    def __init__(self, workload: Workload, threads: int | None) -> None:
        import torch

        super().__init__(
            workload, [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in workload.numbers], threads
        )
        for parameter in self.parameters:  # PyTorch's Adam passes over what has no gradient; in microgpt it moves on
            parameter.grad = torch.zeros_like(parameter)
        self.functions = Functions(torch.relu, torch.exp, torch.log, lambda xs: max(x.item() for x in xs))

    def loss(self, batch: Any) -> Any:
        """Return the loss of the next step, written in operators."""
        return self.workload.loss(self.parameters, self.functions, self.steps)


class NetworkModules(TorchTraining):
    """Train a network made of modules of torch.nn."""

    workload: Network

    def __init__(self, workload: Network, threads: int | None) -> None:
        import torch
        from torch import nn

        modules: list[Any] = []
        for layer in workload.layers(workload.numbers):
            linear = nn.Linear(len(layer[0]) - 1, len(layer), dtype=torch.float64)
            with torch.no_grad():
                linear.weight.copy_(torch.tensor([neuron[:-1] for neuron in layer], dtype=torch.float64))
                linear.bias.copy_(torch.tensor([neuron[-1] for neuron in layer], dtype=torch.float64))
            modules += [linear, nn.ReLU()]
        self.model = nn.Sequential(*modules[:-1])
        inputs, targets = (
            torch.tensor(numbers, dtype=torch.float64) for numbers in (workload.inputs, workload.targets)
        )
        if workload.criterion == "cross-entropy":
            targets = targets.long()
        self.of_updates = [(inputs[batch], targets[batch]) for batch in workload.batches]
        super().__init__(workload, list(self.model.parameters()), threads)

    @property
    def batches(self) -> list[Any]:
        """Inputs and targets of each update."""
        return self.of_updates

    def loss(self, batch: Any) -> Any:
        """Return the loss over the samples of an update."""
        inputs, targets = batch
        scores = self.model(inputs)
        if self.workload.criterion == "cross-entropy":
            return self.torch.nn.functional.cross_entropy(scores, targets)
        scores = scores.squeeze(1)
        if self.workload.criterion == "mean squared error":
            return self.torch.nn.functional.mse_loss(scores, targets)
        margin = self.torch.relu(1 - targets * scores).mean()
        return margin + L2 * sum((p * p).sum() for p in self.parameters)

    def gradients(self) -> list[float]:
        """Return the gradients that the next update would use, neuron by neuron."""
        super().gradients()
        found: list[float] = []
        for weight, bias in zip(self.parameters[::2], self.parameters[1::2], strict=True):
            found += self.torch.hstack([weight.grad, bias.grad[:, None]]).flatten().tolist()
        return found


class GptMatrices(TorchTraining):
    """Train the GPT, all positions of a name at once."""

    workload: Gpt

    def __init__(self, workload: Gpt, threads: int | None) -> None:
        import torch

        numbers = torch.tensor(workload.numbers, dtype=torch.float64)
        parts = numbers.split([rows * columns for rows, columns in SHAPES.values()])
        self.p = {
            name: part.reshape(shape).clone().requires_grad_()
            for (name, shape), part in zip(SHAPES.items(), parts, strict=True)
        }
        super().__init__(workload, list(self.p.values()), threads)

    def loss(self, batch: Any) -> Any:
        """Return the loss over all positions."""
        p, functional = self.p, self.torch.nn.functional
        tokens = self.torch.tensor(self.workload.tokens(self.steps))
        x = self._normed(p["wte"][tokens[:-1]] + p["wpe"][: len(tokens) - 1])
        normed = self._normed(x)
        query, key, value = (
            (normed @ p[name].T).unflatten(1, (HEADS, -1)).transpose(0, 1) for name in ("attn_wq", "attn_wk", "attn_wv")
        )
        attended = functional.scaled_dot_product_attention(query, key, value, is_causal=True)
        x = attended.transpose(0, 1).flatten(1) @ p["attn_wo"].T + x
        x = functional.relu(self._normed(x) @ p["mlp_fc1"].T) @ p["mlp_fc2"].T + x
        return functional.cross_entropy(x @ p["lm_head"].T, tokens[1:])

    def _normed(self, x: Any) -> Any:
        return self.torch.nn.functional.rms_norm(x, (x.shape[-1],), eps=NORM_TINY)


def scalars(workload: Workload) -> Training:
    """Return the training with a tensor for each number, on one thread."""
    return Scalars(workload, 1)


def matrices(workload: Workload, threads: int | None = None) -> Training:
    """Return the training with matrices, on as many threads as PyTorch chooses."""
    if isinstance(workload, Network):
        return NetworkModules(workload, threads)
    if isinstance(workload, Gpt):
        return GptMatrices(workload, threads)
    raise LeftOut("arrays make no chains of scalars")


def matrices_on_one_thread(workload: Workload) -> Training:
    """Return the training with matrices, on one thread."""
    return matrices(workload, 1)
