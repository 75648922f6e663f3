"""The command ``stepgrad dap``: the debugger for editors."""

from __future__ import annotations

import argparse
import sys

from ...errors import StepgradError
from ...support.streams import complain
from ..command import command, option


@command(
    "dap",
    option("--port", metavar="NUMBER", type=int,
           help="wait for editors at this port of this machine (0: any that is free), instead of the standard streams"),
    examples=["stepgrad dap", "stepgrad dap --port 4711"],
    has_target=False,
)  # fmt: skip
def dap(options: argparse.Namespace) -> int:
    """Step through backpropagation, forwards and backwards, in an editor that speaks the Debug Adapter Protocol.

    Editors start it; see demos/guide/editors.md for VS Code, Neovim, Emacs and Vim.
    """
    from ...debugger.dap.server import serve_port, serve_streams
    from ..target import load

    if options.port is None:
        if (sys.stdin and sys.stdin.isatty()) or not serve_streams(load):
            complain("stepgrad dap: an editor starts this, and talks to it; see demos/guide/editors.md")
    elif not 0 <= options.port < 2**16:
        raise StepgradError(f"--port must be from 0 to 65535, not {options.port}")
    else:
        serve_port(options.port, complain)
    return 0
