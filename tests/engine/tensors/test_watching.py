"""Programs that compute with PyTorch or JAX as targets of commands."""

import pytest

import engine
from engine import StepgradError
from engine.cli.target import pick, run_program

TRAINING = """
import torch
torch.manual_seed(0)
model = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Tanh(), torch.nn.Linear(2, 1))
w = torch.ones(1, requires_grad=True)
optimiser = torch.optim.SGD([*model.parameters(), w], lr=0.1)
for _ in range(3):
    loss = (w * model(torch.tensor([[0.5, -1.0]])) - 1.0).pow(2).mean()
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
gradient, count = w.grad.item(), torch.tensor(3)
"""


def loaded(tmp_path, text, name="loss"):
    path = tmp_path / "model.py"
    path.write_text(text)
    variables = run_program(str(path))
    return pick(str(path), name, variables), variables


@pytest.mark.needs_torch
def test_a_tensor_of_a_training_is_a_target(tmp_path):
    target, variables = loaded(tmp_path, TRAINING)
    target.differentiate()
    leaves = {leaf.label: leaf for leaf in engine.leaves(target.root)}
    assert {"0.weight[1][0]", "2.bias[0]", "w[0]"} <= set(leaves)
    assert leaves["w[0]"].grad == pytest.approx(variables["gradient"], rel=1e-5)
    assert target.root.source.line == 8
    scopes = {node.scope for node in engine.topological_order(target.root)}
    assert {("Sequential", "0"), ("Sequential", "1"), ("Sequential", "2"), ()} == scopes
    assert all(leaf.source.file.endswith("model.py") for leaf in leaves.values())


@pytest.mark.needs_torch
@pytest.mark.parametrize(
    "loss",
    [
        "loss = torch.erfinv(w).sum()",
        "loss = torch.nn.functional.gelu(torch.erfinv(w)).sum(); loss = loss * 2",
        "big = torch.ones(500, 500); loss = (w * big @ big).sum()",
    ],
)
def test_what_cannot_be_recorded_is_an_error_that_names_the_door(tmp_path, loss):
    with pytest.raises(StepgradError, match=r"loss in .* is Tensor of PyTorch .* engine.from_torch\(function"):
        loaded(tmp_path, f"import torch\nw = torch.tensor([0.5], requires_grad=True)\n{loss}\n")


@pytest.mark.needs_torch
def test_a_loss_from_before_the_last_step_can_still_be_used(tmp_path):
    target, _ = loaded(tmp_path, TRAINING + "other = w * 1.0\nlater = loss * 2 + other.sum() * 0\n", "later")
    assert len(engine.leaves(target.root)) > 5


@pytest.mark.needs_torch
def test_several_modules_have_the_names_of_their_variables(tmp_path):
    text = "import torch\na, b = torch.nn.Linear(1, 1), torch.nn.Linear(1, 1)\n"
    text += "loss = torch.nn.functional.gelu(b(a(torch.ones(1)))).sum()\n"
    target, _ = loaded(tmp_path, text)
    assert {leaf.label for leaf in engine.leaves(target.root)} >= {"a.weight[0][0]", "b.bias[0]"}


@pytest.mark.needs_jax
def test_an_array_of_jax_is_an_error_that_names_the_door(tmp_path):
    with pytest.raises(StepgradError, match=r"loss in .* of JAX .* loss = engine.from_jax\(function"):
        loaded(tmp_path, "import jax.numpy as jnp\nloss = jnp.ones(())\n")
