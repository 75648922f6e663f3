"""The command `stepgrad train`."""

import json
import os
import re
import shlex
import signal

import pytest

import nn
from engine.cli.app import main
from nn.training import Shaping, command

pytestmark = pytest.mark.slow
FLOWERS = "height,width,kind\n" + "".join(
    f"{1.0 + 0.1 * i},{0.5 - 0.02 * i},{'fern' if i % 2 else 'moss'}\n" for i in range(20)
)


NOT_BETTER = (
    "stepgrad: on the validation samples the model is not better than the most frequent class; try --layers 0 (a "
    "linear model), --l2 0.01, other --inputs, or more --epochs\n"
)


def trained(capsys, *arguments):
    """Return the status of a call and what it printed."""
    status = main(["train", *arguments])
    return status, capsys.readouterr()


@pytest.mark.parametrize("name", command.SETS)
def test_every_data_set_can_be_trained_on(capsys, name):
    status, (out, err) = trained(capsys, name, "--epochs", "1", "--layers", "2")
    assert (status, err.replace(NOT_BETTER, "")) == (0, "")
    assert out.startswith("Dataset(")
    assert "epoch" in out
    assert ("accuracy" in out) == (name not in ("linear", "sine"))
    assert ("validation" in out) == (name != "xor")


def test_the_result_is_printed_as_json(capsys, tmp_path):
    status, (out, err) = trained(capsys, "xor", "--epochs", "2", "--layers", "2", "--json", "--out", str(tmp_path))
    assert (status, err) == (0, "")
    found = json.loads(out)
    assert found["data"].startswith("Dataset(xor: 4 samples")
    assert [epoch["number"] for epoch in found["epochs"]] == [1, 2]
    assert len(found["losses"]) == len(found["rates"]) == found["epochs"][-1]["step"]
    assert str(tmp_path / "model.json") in found["files"]


@pytest.mark.parametrize("option", ["loss", "schedule", "backend"])
def test_an_option_takes_the_names_that_the_training_knows(option):
    names = getattr(command, {"loss": "LOSSES", "schedule": "SCHEDULES", "backend": "BACKENDS"}[option])
    with pytest.raises(nn.SettingError) as error:
        nn.fit(nn.MLP(1, [1]), ([[1.0]], [1.0]), **{option: "?"}, epochs=1)
    known = re.findall(r"'(\w+)'", str(error.value))
    assert sorted(known) == sorted(names)


def test_the_settings_reach_the_training(capsys, monkeypatch):
    calls = []

    def fit(*arguments, **settings):
        calls.append((arguments, settings))
        return nn.training.History(losses=[1.0], rates=[0.1])

    monkeypatch.setattr(nn.training, "fit", fit)
    asked = (
        "--layers 4,3 --activation relu --loss hinge --optimiser SGD --lr 0.5 --epochs 7 --batch-size 9 "
        "--validation 0.3 --patience 5 --clip-norm 1 --clip-value 2 --l1 3 --l2 4 --seed 6 --backend eager "
        "--schedule cosine"
    )
    trained(capsys, "moons", *shlex.split(asked))
    ((model, data, loss, optimiser, epochs, size, held_out), settings), *_ = calls
    assert repr(model) == "MLP(2 inputs, 4 relu, 3 relu, 1 linear; 31 parameters)"
    assert (len(data), len(held_out), loss, epochs, size) == (70, 30, "hinge", 7, 9)
    assert held_out.scale == data.scale == ()
    assert (type(optimiser), optimiser.lr) == (nn.SGD, 0.5)
    assert settings == {
        "backend": "eager", "schedule": "cosine", "shaping": Shaping(3.0, 4.0, clip_value=2.0, clip_norm=1.0),
        "early_stopping": 5, "standardise": True,
    }  # fmt: skip
    trained(capsys, "moons", "--layers", "0", "--validation", "0", "--seed", "6")
    ((model, _, _, _, _, _, held_out), _) = calls[1]
    assert (repr(model), held_out) == ("MLP(2 inputs, 1 linear; 3 parameters)", None)


def test_the_same_seed_gives_the_same_training(capsys):
    def losses(*more):
        out = trained(capsys, "moons", "--epochs", "3", *more)[1].out
        return [line.split()[1:5] for line in out.splitlines()[3:6]]

    assert losses() == losses()
    assert losses("--seed", "1") != losses()


def test_a_file_is_learnt_from(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "flowers.csv").write_text(FLOWERS)
    status, (out, _) = trained(capsys, "flowers.csv", "--epochs", "2")
    assert (status, "Dataset(flowers: 20 samples, 2 inputs, classification into fern and moss)" in out) == (0, True)
    status, (out, err) = trained(capsys, "flowers.csv", "--target", "height", "--epochs", "2")
    assert (status, err) == (0, "stepgrad: texts as columns of 0 and 1: 'kind' ('fern' and 'moss')\n")
    assert "20 samples, 3 inputs, regression" in out
    (tmp_path / "flowers.csv").write_text(FLOWERS.replace("1.0,", ",", 1))
    status, (_, err) = trained(capsys, "flowers.csv", "--epochs", "1", "--target", "kind")
    filled = "stepgrad: missing cells, for which the mean or no category stands: 1 of 'height'\n"
    assert (status, err.replace(NOT_BETTER, "")) == (0, filled)
    status, (_, err) = trained(capsys, "flowers.csv", "--epochs", "1", "--missing", "error")
    assert status == 1
    assert err.startswith("stepgrad: flowers.csv, line 2: 'height' is missing; --missing 'drop' leaves out such")
    assert "19 samples" in trained(capsys, "flowers.csv", "--epochs", "1", "--missing", "drop")[1].out


def test_the_options_for_files_reach_the_reader(capsys, tmp_path, monkeypatch):
    calls = []

    def read(*arguments, **settings):
        calls.append((arguments, settings))
        raise nn.DataError("enough")

    monkeypatch.setattr(nn.data, "csv", read)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.csv").touch()
    asked = (
        "x.csv --target y --task classification --inputs 'a, \"b, c\"' --ignore d --ordinal size=S,M,L --missing drop "
        "--no-header --delimiter tab --decimal ,"
    )
    assert trained(capsys, *shlex.split(asked))[0] == 1
    (arguments, settings), *_ = calls
    assert arguments == ("x.csv", "y")
    assert settings == {
        "task": "classification", "inputs": ["a", "b, c"], "ignore": ["d"], "ordinal": {"size": ["S", "M", "L"]},
        "missing": "drop", "header": False, "delimiter": "\t", "decimal": ",",
    }  # fmt: skip
    trained(capsys, "x.csv")
    assert calls[1][1] == {
        "task": None, "inputs": None, "ignore": [], "ordinal": {}, "missing": "mean", "header": None, "delimiter": None,
        "decimal": None,
    }  # fmt: skip


def test_a_notice_names_the_option_that_changes_it(capsys, tmp_path):
    (tmp_path / "years.csv").write_text("1978,1979\n14.2,14.9\n14.3,15.0\n")
    err = trained(capsys, str(tmp_path / "years.csv"), "--epochs", "1")[1].err
    assert "has the names of the columns; --no-header changes this" in err
    (tmp_path / "years.csv").write_text("1,2\n3,4.5\n")
    err = trained(capsys, str(tmp_path / "years.csv"), "--epochs", "1")[1].err
    assert "the target is 'column 1', the last column of the table; --target names another\n" in err
    assert "read as data, not as the names of the columns; --header changes this" in err


def test_what_was_learnt_is_written(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(command, "find_spec", lambda name: None)
    folder = tmp_path / "deep" / "folder"
    status, (out, _) = trained(capsys, "moons", "--epochs", "2", "--out", str(folder))
    assert status == 0
    assert out.splitlines()[-2:] == [str(folder / "model.json"), str(folder / "history.txt")]
    model = nn.load(folder / "model.json")
    assert repr(model) == "MLP(2 inputs, 16 tanh, 1 linear; 65 parameters)"
    notes = nn.load_checkpoint(folder / "model.json", model, nn.Adam(model.parameters()))
    assert (notes["classes"], notes["features"]) == (["upper", "lower"], ["x", "y"])
    assert (folder / "history.txt").read_text().startswith("epoch")


@pytest.mark.parametrize("loss", command.LOSSES)
def test_every_loss_gets_the_outputs_that_it_takes(capsys, loss):
    status, (out, _) = trained(capsys, "moons", "--epochs", "40", "--lr", "0.03", "--loss", loss)
    assert status == 0
    accuracy = float(out.splitlines()[-1].split()[1].rstrip("%"))
    assert out.splitlines()[-1].startswith("validation: ")
    assert accuracy > 80.0


@pytest.mark.needs_matplotlib
@pytest.mark.parametrize("loss", ["mean_squared_error", "hinge", "cross_entropy"])
def test_a_boundary_is_drawn_where_the_loss_draws_it(capsys, tmp_path, monkeypatch, loss):
    asked = []
    real = nn.plots.boundary
    monkeypatch.setattr(nn.plots, "boundary", lambda *arguments: asked.append(arguments[2]) or real(*arguments))
    assert trained(capsys, "moons", "--epochs", "1", "--loss", loss, "--out", str(tmp_path))[0] == 0
    assert asked == [0.0 if loss == "hinge" else 0.5]


@pytest.mark.needs_matplotlib
@pytest.mark.parametrize(("name", "picture"), [("moons", "boundary.png"), ("sine", "curve.png"), ("iris", "")])
def test_plots_are_written(capsys, tmp_path, name, picture):
    assert trained(capsys, name, "--epochs", "2", "--out", str(tmp_path))[0] == 0
    expected = {"model.json", "history.txt", "losses.png", *filter(None, [picture])}
    assert {path.name for path in tmp_path.iterdir()} == expected


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["mons"], "unknown data set 'mons'; name a .csv file or one of xor, moons"),
        (["gone.csv"], "there is no file gone.csv"),
        (["gone/flowers"], "there is no file gone/flowers"),
        (["."], "unknown data set '.'"),
        (["moons", "--activation", "tan"], None),
        (["moons", "--activation", "reluu"], "unknown activation 'reluu'; did you mean 'relu'"),
        (
            ["moons", "--layers", "1000,1000"],
            "--layers must give at most 1,000,000 parameters, not 1,005,001; use smaller",
        ),
        (["train.py"], "train.py is a program, not a table; name a .csv file or one of xor"),
        (["moons", "--validation", "2"], "the share of a split"),
    ],
)
def test_what_is_wrong_is_told_in_a_line(capsys, tmp_path, monkeypatch, arguments, says):
    monkeypatch.chdir(tmp_path)
    status, (_, err) = trained(capsys, *arguments, "--epochs", "1")
    assert status == (1 if says else 0)
    assert err.startswith(f"stepgrad: {says}" if says else "")
    assert err.count("\n") <= 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "required: NAME|FILE.csv"),
        (["moons", "--layers", "16,a"], "comma-separated list such as 16,16, not '16,a'"),
        (["moons", "--layers", "16,0"], "not '16,0'"),
        (["x.csv", "--ordinal", "size"], "must be a column and its texts in order, such as size=S,M,L, not 'size'"),
        (["x.csv", "--ordinal", "size=S"], "not 'size=S'"),
        (["moons", "--loss", "mse"], "invalid choice"),
        (["moons", "--lr", "fast"], "invalid float"),
        (["moons", "--epochs", "0"], "argument --epochs: must be a whole number, 1 or more, not '0'"),
        (["moons", "--patience", "0"], "argument --patience: must be a whole number, 1 or more, not '0'"),
    ],
)
def test_a_wrong_call_is_told(capsys, arguments, says):
    with pytest.raises(SystemExit) as end:
        main(["train", *arguments])
    assert end.value.code == 2
    assert says in capsys.readouterr().err


def test_help_has_examples_that_work(capsys, tmp_path, monkeypatch):
    with pytest.raises(SystemExit) as end:
        main(["train", "--help"])
    out = capsys.readouterr().out
    assert end.value.code == 0
    assert "are standardised for the network" in out
    assert "Args:" not in out
    examples = [line.split()[1:] for line in out.splitlines() if line.startswith("  stepgrad ")]
    assert len(examples) == 4
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(command, "find_spec", lambda name: None)
    (tmp_path / "flowers.csv").write_text(FLOWERS.replace("kind", "species"))
    for example in examples:
        assert main([*example, "--epochs", "1"]) == 0


def test_a_training_that_fails_or_is_interrupted_has_a_status(capsys, monkeypatch):
    status, (out, _) = trained(capsys, "sine", "--lr", "1e200", "--optimiser", "SGD", "--activation", "linear")
    assert status == 1
    assert "the loss is" in out or "no value" in out
    real = nn.training.fit

    def interrupted(*arguments, **settings):
        return real(*arguments, **settings, callbacks=[lambda run: os.kill(os.getpid(), signal.SIGINT)])

    monkeypatch.setattr(nn.training, "fit", interrupted)
    status, (out, _) = trained(capsys, "moons")
    assert (status, "stopped: interrupted" in out) == (130, True)


@pytest.mark.parametrize("out", ["file", "file/below", "trained"])
def test_nothing_is_trained_that_cannot_be_written(capsys, tmp_path, monkeypatch, out):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(nn.training, "fit", None)
    (tmp_path / "file").touch()
    (tmp_path / "trained" / "history.txt").mkdir(parents=True)
    status, (printed, err) = trained(capsys, "moons", "--out", out)
    assert (status, printed, err.count("\n")) == (1, "", 1)
    assert err.startswith(f"stepgrad: cannot save {out}")
