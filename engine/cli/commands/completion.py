"""The command ``stepgrad completion``: scripts that let shells complete the command."""

import argparse

from ...support.streams import say
from ..command import command, option

SHELLS = "bash", "zsh", "fish", "tcsh", "powershell"


@command(
    "completion", option("shell", metavar="SHELL", choices=SHELLS, help=", ".join(SHELLS)),
    examples=["stepgrad completion bash", "stepgrad completion fish"], has_target=False,
)  # fmt: skip
def completion(options: argparse.Namespace) -> int:
    """Print a script that lets a shell complete commands, options and files.

    bash         add to ~/.bashrc: eval "$(stepgrad completion bash)"
    zsh          add to ~/.zshrc, after compinit: eval "$(stepgrad completion zsh)"
    fish         run once: stepgrad completion fish >~/.config/fish/completions/stepgrad.fish
    tcsh         add to ~/.tcshrc: stepgrad completion tcsh >~/.stepgrad.tcsh; source ~/.stepgrad.tcsh
    powershell   add to $PROFILE: stepgrad completion powershell | Out-String | Invoke-Expression
    """
    import shtab

    from ..app import all_commands, build_parser

    say(shtab.complete(build_parser(all_commands(), files=shtab.FILE), shell=options.shell))
    return 0
