"""Completion: the scripts that shells run."""

import re
import shlex

import pytest

from engine.cli import all_commands, main

NAMES = [command.name for command in all_commands()]


def printed(capsys, shell):
    assert main(["completion", shell]) == 0
    return capsys.readouterr().out


def completed(shell, script, *words):
    """Return what bash would offer behind these words."""
    line = " ".join(map(shlex.quote, words))
    run = shell(
        f'source {script}; COMP_WORDS=({line}); COMP_CWORD={len(words) - 1}; _stepgrad; echo "${{COMPREPLY[@]}}"'
    )
    return run.stdout.split()


@pytest.mark.needs_bash
def test_bash_completes_commands_options_and_choices(capsys, shell):
    script = shell.folder / "completion.sh"
    script.write_text(printed(capsys, "bash"))

    def found(*words):
        return completed(shell, script, "stepgrad", *words)

    assert found("") == [*NAMES, "--help", "--version"]
    assert found("d") == ["draw", "debug", "doctor"]
    assert found("train", "moons", "--ep") == ["--epochs"]
    assert found("train", "moons", "--backend", "n") == ["native"]
    assert found("draw", "a*b", *["x=1"] * 12, "--dir") == ["--direction"]
    assert found("draw", "--direction", "") == ["LR", "TB"]
    assert found("draw", "fil") == []


@pytest.mark.needs_bash
def test_bash_takes_the_line_that_the_script_names(capsys, shell):
    line = re.search(r"\.bashrc:  (.*)", printed(capsys, "bash"))[1]
    assert shell(f"{line} && complete -p stepgrad").stdout == "complete -o default -F _stepgrad stepgrad\n"


def test_zsh_gets_the_same_function(capsys):
    zsh, bash = printed(capsys, "zsh"), printed(capsys, "bash")
    assert "bashcompinit" in zsh
    assert zsh.endswith(bash[bash.index("_stepgrad() {") :])


def test_fish_has_a_line_for_each_command_and_option(capsys):
    lines = printed(capsys, "fish").splitlines()[1:]
    assert all(shlex.split(line)[:3] == ["complete", "-c", "stepgrad"] for line in lines if "\\'" not in line)
    offered = [shlex.split(line)[6] for line in lines if "__fish_use_subcommand" in line]
    assert offered == NAMES
    (backend,) = [line for line in lines if "-l backend" in line]
    assert "'__fish_seen_subcommand_from train'" in backend
    assert "-x -a 'auto eager python native'" in backend
    (out,) = [line for line in lines if "from program' -l out" in line]
    assert " -r -d " in out
    (plain,) = [line for line in lines if "-l plain" in line]
    assert " -r " not in plain


def test_a_wrong_shell_is_told(capsys):
    with pytest.raises(SystemExit) as end:
        main(["completion", "tcsh"])
    assert end.value.code == 2
    assert "tcsh" in capsys.readouterr().err


def test_the_list_of_commands_has_all(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    out = capsys.readouterr().out
    assert all(re.search(rf"^    {name}\b", out, re.MULTILINE) for name in NAMES)
