"""The names demonstration, against the same network and training written with NumPy's matrices."""

import doctest
import subprocess
import sys
from pathlib import Path
from random import Random

import numpy as np
import pytest

from demos import names
from demos.names import GPT, Alphabet, invent, lesson, loss_of, read_names, spread_out, train
from engine import topological_order

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.slow
MATRICES = ("letter", "position", "output", "query", "key", "value", "join", "widen", "narrow")


# --- the same in NumPy -----------------------------------------------------------------------------------


def matrices(model, attribute="data"):
    """Return data or gradients of the parameters as arrays."""
    return {name: np.array([[getattr(v, attribute) for v in row] for row in getattr(model, name)]) for name in MATRICES}


def rms_norm(x):
    return x / np.sqrt((x * x).mean(axis=-1, keepdims=True) + 1e-5)


def softmax(x):
    powers = np.exp(x)
    return powers / powers.sum(axis=-1, keepdims=True)


def plain_loss(p, tokens, heads, context):
    """Return the loss of a document: all positions at once, the later ones hidden by a mask."""
    read, to_come = tokens[:-1][:context], tokens[1:][:context]
    x = rms_norm(p["letter"][read] + p["position"][: len(read)])
    q, k, v = (np.split(rms_norm(x) @ p[name].T, heads, axis=1) for name in ("query", "key", "value"))
    later = np.triu(np.full((len(read), len(read)), -np.inf), 1)
    found = [softmax(q[h] @ k[h].T / np.sqrt(q[h].shape[1]) + later) @ v[h] for h in range(heads)]
    x = x + np.concatenate(found, axis=1) @ p["join"].T
    x = x + np.maximum(rms_norm(x) @ p["widen"].T, 0.0) @ p["narrow"].T
    return -np.log(softmax(x @ p["output"].T)[np.arange(len(read)), to_come]).mean()


def plain_gradients(p, *settings, step=1e-5):
    """Return the gradients of the loss by central differences."""
    gradients = {}
    for name, matrix in p.items():
        gradients[name] = np.zeros_like(matrix)
        for place in np.ndindex(matrix.shape):
            here = matrix[place]
            losses = []
            for moved in (here + step, here - step):
                matrix[place] = moved
                losses.append(plain_loss(p, *settings))
            matrix[place] = here
            gradients[name][place] = (losses[0] - losses[1]) / (2.0 * step)
    return gradients


def plain_training(p, documents, steps, heads, context):
    """Return the losses of a training by Adam, as its paper writes it, at a rate that falls to 0."""
    mean, square = ({name: np.zeros_like(matrix) for name, matrix in p.items()} for _ in range(2))
    losses = []
    for step in range(steps):
        settings = documents[step % len(documents)], heads, context
        losses.append(plain_loss(p, *settings))
        for name, g in plain_gradients(p, *settings).items():
            mean[name] = 0.85 * mean[name] + 0.15 * g
            square[name] = 0.99 * square[name] + 0.01 * g * g
            m, v = mean[name] / (1.0 - 0.85 ** (step + 1)), square[name] / (1.0 - 0.99 ** (step + 1))
            p[name] -= 0.01 * (1.0 - step / steps) * m / (np.sqrt(v) + 1e-8)
    return losses


# --- the network -----------------------------------------------------------------------------------------


@pytest.fixture
def tiny():
    """Return a network of 192 parameters and four documents, one of them longer than its context."""
    alphabet = Alphabet(["ab", "ba", "aab", "bbbaaa"])
    model = GPT(3, Random(5), width=4, heads=2, context=4)
    for parameter in model.parameters():
        parameter.data *= 5.0  # so that attention and relu have something to decide
    return model, [alphabet.tokens(name) for name in ("ab", "ba", "aab", "bbbaaa")]


def test_the_losses_are_those_of_matrices():
    listed = read_names(names.NAMES)
    model = GPT(27, Random(42))
    p, alphabet = matrices(model), Alphabet(listed)
    for name in ("emma", "bo", "maximiliano", "nebuchadnezzarthegreat"):
        tokens = alphabet.tokens(name)
        assert loss_of(model, *lesson(tokens, 16)).data == pytest.approx(plain_loss(p, tokens, 4, 16), rel=1e-12)


def test_the_gradients_are_those_of_central_differences(tiny):
    model, documents = tiny
    for tokens in documents:
        model.zero_grad()
        loss_of(model, *lesson(tokens, 4)).backward()
        numeric = plain_gradients(matrices(model), tokens, 2, 4)
        for name, backpropagated in matrices(model, "grad").items():
            assert backpropagated == pytest.approx(numeric[name], rel=1e-6, abs=1e-9), name


def test_letters_given_by_zeros_and_a_one_have_the_same_losses_and_gradients(tiny):
    model, documents = tiny
    for tokens in documents:
        found = []
        for arguments in (lesson(tokens, 4), spread_out(tokens, 4, 3)):
            model.zero_grad()
            loss = loss_of(model, *arguments)
            loss.backward()
            found.append([loss.data, *(p.grad for p in model.parameters())])
        assert found[0] == pytest.approx(found[1], rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("eager", [True, False])
def test_the_training_is_adam_at_a_falling_rate(tiny, eager):
    model, documents = tiny
    expected = plain_training(matrices(model), documents, 6, 2, 4)
    losses = train(model, documents, 6, eager)
    assert losses == pytest.approx(expected, rel=1e-5)


def test_the_parameters_are_drawn_in_the_order_of_microgpt():
    chance = Random(42)
    drawn = [[chance.gauss(0.0, 0.08) for _ in range(columns)] for columns in [2] * 9 + [2] * 8 + [2] * 8 + [8] * 2]
    assert [row.tolist() for matrix in matrices(GPT(3, Random(42), 2, 1, 3)).values() for row in matrix] == drawn


def test_every_node_has_its_place_and_every_parameter_its_name(tiny):
    model, documents = tiny
    loss = loss_of(model, *lesson(documents[0], 4))
    assert (loss.label, loss.scope) == ("loss", ("loss",))
    scopes = {node.scope for node in topological_order(loss) if node.inputs}
    layer = ("position 1", "layer 1")
    expected = {("position 1", "embedding"), (*layer, "attention", "head 1"), (*layer, "mlp"), ("position 1", "output")}
    assert expected <= scopes
    assert () not in scopes
    assert model.narrow[3][15].label == "narrow[3][15]"


# --- letters and files -----------------------------------------------------------------------------------


def test_the_examples_in_its_docstrings():
    failed, attempted = doctest.testmod(names)
    assert (failed, attempted > 0) == (0, True)


def test_the_list_is_what_it_says():
    listed = read_names(names.NAMES)
    assert len(set(listed)) == len(listed) == 3000
    assert all(name.isascii() and name.isalpha() and name.islower() for name in listed)


def test_names_may_be_of_any_script(tmp_path):
    path = tmp_path / "names.txt"
    path.write_bytes("\ufeffZoë\r\n\n  Анна-Мария \n芽衣子\n".encode())
    assert read_names(path) == ["Zoë", "Анна-Мария", "芽衣子"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "No such file"),
        (b"", "has no names; write one name per line"),
        (b" \n\n", "has no names; write one name per line"),
        (b"ada\xff\n", "is not UTF-8 text"),
        (b"ada\ne\x00ve\n", r"line 2: 'e\x00ve' has an unprintable character"),
    ],
)
def test_a_wrong_file_is_refused_in_one_line(tmp_path, capsys, content, says):
    path = tmp_path / "list"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SystemExit, match="2"):
        names.main(["--names", str(path)])
    last = capsys.readouterr().err.splitlines()[-1]
    assert str(path) in last
    assert says in last


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--steps", "0"], "--steps must be at least 1"),
        (["--samples", "-1"], "--samples must be at least 0, not -1"),
        (["--steps", "many"], "invalid int value: 'many'"),
        (["--names", "."], "cannot read .: Is a directory"),
    ],
)
def test_wrong_options_are_refused_in_one_line(capsys, arguments, says):
    with pytest.raises(SystemExit, match="2"):
        names.main(arguments)
    assert says in capsys.readouterr().err.splitlines()[-1]


# --- the demonstration -----------------------------------------------------------------------------------


def test_the_same_seed_invents_the_same_names(tiny):
    model, _ = tiny
    alphabet = Alphabet("ab")

    def invented(seed):
        chance = Random(seed)
        return [invent(model, alphabet, chance) for _ in range(20)]

    assert invented(1) == invented(1) != invented(2)
    assert all(len(name) <= 4 and set(name) <= set("ab") for name in invented(1))
    assert any(len(name) == 4 for name in invented(1))


def test_letters_are_drawn_by_their_sharpened_probabilities(tiny):
    model, _ = tiny
    alphabet, chance = Alphabet("ab"), Random(0)
    x = rms_norm(matrices(model)["letter"][2] + matrices(model)["position"][0])
    for row in (*model.query, *model.key, *model.value, *model.join, *model.narrow):
        for parameter in row:
            parameter.data = 0.0  # the first scores are then those of the embedding alone
    expected = softmax(2.0 * (matrices(model)["output"] @ x))
    drawn = [invent(model, alphabet, chance)[:1] for _ in range(600)]
    shares = [drawn.count(letter) / 600 for letter in ("a", "b", "")]
    assert shares == pytest.approx(expected, abs=0.06)


def test_the_command_line(tmp_path):
    command = [sys.executable, ROOT / "demos" / "names.py", "--eager", "--steps", "3", "--samples", "2"]
    first, second = (subprocess.run(command, cwd=tmp_path, capture_output=True, text=True) for _ in range(2))
    assert first.stdout == second.stdout
    assert (first.returncode, first.stderr) == (0, "")
    lines = first.stdout.splitlines()
    assert lines[0] == "3000 names with 26 different characters; GPT(4,192 parameters); seed 42"
    assert sum(line.startswith("  loss of") for line in lines) == 3
    before, _, after = lines[-3].removeprefix("the first 3 names: loss ").split()
    assert float(after) < float(before)


def test_a_whole_training_is_replayed_in_seconds(capsys):
    assert names.main(["--steps", "100", "--samples", "1"]) == 0
    assert "the first 5 names: loss" in capsys.readouterr().out


def test_losses_that_do_not_fall_are_the_exit_status(tmp_path, monkeypatch, capsys):
    path = tmp_path / "names.txt"
    path.write_text("a\nb\n")
    arguments = ["--names", str(path), "--steps", "3", "--samples", "0"]
    assert names.main(arguments) == 0
    monkeypatch.setattr(names, "LEARNING_RATE", 0.0)
    assert names.main(arguments) == 1
    assert "the first 2 names: loss" in capsys.readouterr().out
