"""Completion: the scripts that shells run."""

import re
import shlex

import pytest

from engine.cli.app import all_commands, main
from engine.cli.commands.completion import SHELLS

NAMES = [command.name for command in all_commands()]


def printed(capsys, shell):
    assert main(["completion", shell]) == 0
    return capsys.readouterr().out


def completed(shell, script, *words):
    """Return what bash would offer behind these words."""
    line = " ".join(map(shlex.quote, words))
    run = shell(
        f"source {script}; COMP_WORDS=({line}); COMP_CWORD={len(words) - 1}; _shtab_stepgrad 2>/dev/null; "
        'echo "${COMPREPLY[@]}"'
    )
    return run.stdout.split()


@pytest.mark.needs_bash
def test_bash_completes_commands_options_choices_and_files(capsys, shell):
    script = shell.folder / "completion.sh"
    script.write_text(printed(capsys, "bash"))
    (shell.folder / "train.py").touch()

    def found(*words):
        return completed(shell, script, "stepgrad", *words)

    assert found("") == NAMES
    assert found("-") == ["-h", "--help", "--version"]
    assert found("d") == ["draw", "debug", "dap", "diff", "doctor"]
    assert found("train", "moons", "--ep") == ["--epochs"]
    assert found("train", "moons", "--backend", "n") == ["native"]
    assert found("draw", "a*b", *["x=1"] * 12, "--dir") == ["--direction"]
    assert found("draw", "--direction", "") == ["LR", "TB"]
    assert found("completion", "b") == ["bash"]
    assert found("draw", "tra") == found("draw", "a", "--out", "tra") == found("train", "tra") == ["train.py"]
    assert found("draw", "fil") == []


@pytest.mark.needs_bash
def test_bash_takes_the_line_that_the_help_names(run, shell):
    line = re.search(r"\.bashrc: (.*)", run("completion", "--help")[1])[1]
    assert shell(f"{line} && complete -p stepgrad").stdout == "complete -o bashdefault -F _shtab_stepgrad stepgrad\n"


@pytest.mark.parametrize("name", SHELLS)
def test_every_shell_has_a_script_and_a_way_to_install_it(run, name):
    status, script, err = run("completion", name)
    assert (status, err) == (0, "")
    assert all(re.search(rf"\b{command}\b", script) for command in NAMES)
    assert "number-format" in script
    assert re.search(rf"^{name} .*stepgrad completion {name}", run("completion", "--help")[1], re.MULTILINE)


def test_a_wrong_shell_is_an_error(run):
    status, _, err = run("completion", "ksh")
    assert status == 2
    assert "'ksh'" in err.splitlines()[0]
