"""Completion: scripts that let shells complete the command `stepgrad`."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from typing import NamedTuple

SHELLS = ("bash", "zsh", "fish")


class Flag(NamedTuple):
    """Hold an option of a command.

    Attributes:
        name: such as ``--out``.
        help: what it is for.
        choices: what may follow it; empty where that is anything, such as a file.
        takes_value: whether something follows it.
    """

    name: str
    help: str
    choices: tuple[str, ...]
    takes_value: bool


Known = Mapping[str, tuple[str, list[Flag]]]  # for each command what it does, and its options


def script(shell: str, commands: Mapping[str, tuple[str, argparse.ArgumentParser]]) -> str:
    """Return the script for a shell.

    Args:
        shell: one of `SHELLS`.
        commands: for each command what it does, and what reads its arguments.
    """
    known = {name: (help, list(_flags(parser))) for name, (help, parser) in commands.items()}
    return {"bash": _bash, "zsh": _zsh, "fish": _fish}[shell](known)


def _flags(parser: argparse.ArgumentParser) -> Iterator[Flag]:
    for action in parser._actions:  # argparse tells of them in no other way
        choices = tuple(map(str, action.choices or ()))
        for name in action.option_strings:
            yield Flag(name, (action.help or "").replace("%%", "%"), choices, action.nargs != 0)


def _bash(known: Known) -> str:
    head = '# Put this line into ~/.bashrc:  eval "$(stepgrad completion bash)"\n'
    return head + _function(known)


def _zsh(known: Known) -> str:
    head = '# Put this line into ~/.zshrc:  eval "$(stepgrad completion zsh)"\n'
    return head + "autoload -U compinit bashcompinit && compinit && bashcompinit\n" + _function(known)


def _function(known: Known) -> str:
    """Return a function in bash, which zsh understands, too; where it finds nothing, files are completed."""
    behind = [
        f"    '{name} {flag.name}') words='{' '.join(flag.choices)}' ;;"
        for name, (_, flags) in known.items()
        for flag in flags
        if flag.choices
    ]
    of_command = [
        f"        '{name}') words='{' '.join(flag.name for flag in flags)}' ;;" for name, (_, flags) in known.items()
    ]
    lines = [
        "_stepgrad() {",
        '  local word="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}" words=',
        '  if [ "$COMP_CWORD" = 1 ]; then before=; fi',
        '  case "${COMP_WORDS[1]} $before" in',
        *behind,
        '    *) case "$COMP_CWORD:$word" in',
        f"      1:*) words='{' '.join([*known, '--help', '--version'])}' ;;",
        '      *:-*) case "${COMP_WORDS[1]}" in',
        *of_command,
        "      esac ;;",
        "    esac ;;",
        "  esac",
        '  COMPREPLY=($(compgen -W "$words" -- "$word"))',
        "}",
        "complete -o default -F _stepgrad stepgrad",
    ]
    return "\n".join(lines) + "\n"


def _fish(known: Known) -> str:
    lines = ["# Run once:  stepgrad completion fish >~/.config/fish/completions/stepgrad.fish"]
    for name, (help, flags) in known.items():
        lines.append(f"complete -c stepgrad -n __fish_use_subcommand -a {name} -d {_quoted(help)}")
        for flag in flags:
            kind = "-l" if flag.name.startswith("--") else "-s"
            what = f" -x -a {_quoted(' '.join(flag.choices))}" if flag.choices else " -r" * flag.takes_value
            seen = f"-n '__fish_seen_subcommand_from {name}' {kind} {flag.name.lstrip('-')}"
            lines.append(f"complete -c stepgrad {seen}{what} -d {_quoted(flag.help)}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
