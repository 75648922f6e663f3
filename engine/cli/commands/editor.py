"""The command ``stepgrad editor``: what an editor needs to step through backpropagation."""

from __future__ import annotations

import argparse
from pathlib import Path

from ...support.files import check_writable, write_whole
from ...support.streams import complain, say
from ..command import command, option


@command(
    "editor",
    option("editor", metavar="EDITOR", choices=("vscode",), help="vscode: write the extension for VS Code"),
    option("-o", "--out", metavar="FILE", type=Path, default=Path("stepgrad.vsix"), help="the file (stepgrad.vsix)"),
    examples=["stepgrad editor vscode", "stepgrad editor vscode -o extensions.vsix"],
    has_target=False,
)  # fmt: skip
def editor(options: argparse.Namespace) -> int:
    """Write the extension by which VS Code steps through backpropagation.

    Neovim, Emacs and Vim need a few lines of configuration instead; see demos/guide/editors.md.
    """
    from ...debugger.dap.extension import pack_extension

    check_writable(options.out)
    write_whole(options.out, pack_extension())
    say(options.out)
    complain(f"install it with: code --install-extension {options.out}")
    return 0
