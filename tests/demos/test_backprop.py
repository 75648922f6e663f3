"""The 2-2-3-1 demonstration, against PyTorch's recorded numbers and by its command line."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from demos import backprop


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """Let pictures be written into a folder that is thrown away."""
    monkeypatch.chdir(tmp_path)


pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
RUNS = json.loads((ROOT / "tests" / "recorded" / "pytorch_2_2_3_1.json").read_text())["runs"]


def flat(nested):
    return [x for part in nested for x in flat(part)] if isinstance(nested, list) else [nested]


@pytest.mark.parametrize("run", RUNS, ids=lambda run: run["seed"])
def test_its_numbers_are_those_of_pytorch(run, capsys):
    network = backprop.random_network(run["seed"])
    loss = backprop.forward(network, backprop.ACTIVATIONS["relu"].recorded, 1.0)
    loss.backward()
    assert flat(list(backprop.numbers(network).values())) == pytest.approx(flat(run["params"]), rel=1e-5, abs=1e-6)
    assert loss.data == pytest.approx(run["loss"], rel=1e-5)
    assert flat(list(backprop.numbers(network, "grad").values())) == pytest.approx(
        flat(run["grads"]), rel=1e-5, abs=1e-5
    )
    assert backprop.main(["--seed", str(run["seed"])]) == 0
    printed = capsys.readouterr().out
    assert f"loss before: {run['loss']:.4f}" in printed
    after = float(printed.split("loss after one update: ")[1].split()[0])
    assert after == pytest.approx(run["loss_after"], rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("activation", backprop.ACTIVATIONS)
@pytest.mark.parametrize("loss", ["mse", "half"])
@pytest.mark.parametrize("seed", [3, 7, 123456])
def test_other_settings_agree_with_formulas_and_differences(activation, loss, seed, capsys):
    arguments = ["--seed", str(seed), "--activation", activation, "--loss", loss, "--lr", "0.05", "--steps", "40"]
    assert backprop.main(arguments) == 0
    printed = capsys.readouterr().out
    before = float(printed.split("loss before: ")[1].split()[0])
    after = float(printed.split("loss after 40 updates: ")[1].split()[0])
    assert after < before


@pytest.mark.parametrize(("name", "wrong"), [("matrix_gradients", 1e-8), ("numeric_gradients", 1e-5)])
def test_a_disagreement_is_the_exit_status(monkeypatch, name, wrong, capsys):
    right = getattr(backprop, name)

    def broken(*arguments):
        found = right(*arguments)
        found["W2"][0][0] += wrong
        return found

    monkeypatch.setattr(backprop, name, broken)
    assert backprop.main([]) == 1


def test_the_command_line(tmp_path):
    out = tmp_path / "new" / "folder"
    command = [sys.executable, "demos/backprop.py", "--out", str(out)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert str(out / "backprop.svg") in run.stdout
    assert (out / "backprop.svg").read_text().count("<svg") == 1
    assert str(out / "backprop.html") in run.stdout
    assert (out / "backprop.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    refused = subprocess.run([*command, "--steps", "0"], cwd=ROOT, capture_output=True, text=True)
    assert refused.returncode == 2
    assert "--steps must be at least 1" in refused.stderr
