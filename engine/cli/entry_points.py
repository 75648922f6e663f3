"""The entry points by which other packages add commands, read from the files that installers write.

`importlib.metadata` reads them too; importing it takes longer than all else that ``stepgrad --help`` does. The format:
https://packaging.python.org/en/latest/specifications/entry-points/#file-format
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import suppress

GROUP = "[stepgrad.commands]"
INSTALLED = (".dist-info", ".egg-info")


def entry_points() -> dict[str, str]:
    """Return the names of the commands that packages add, each with its place: ``"module:attribute"``.

    >>> entry_points().get("train", "nn.training.command:train")
    'nn.training.command:train'
    """
    found: dict[str, str] = {}
    for text in _files():
        group = ""
        for line in map(str.strip, text.splitlines()):
            if line.startswith("["):
                group = line
            elif group == GROUP and "=" in line and not line.startswith(("#", ";")):
                name, _, place = line.partition("=")
                found.setdefault(name.strip(), place.strip())
    return found


def _files() -> Iterator[str]:
    for folder in sys.path:
        with suppress(OSError):  # a folder that is missing, or an archive
            for name in sorted(os.listdir(folder or ".")):
                if name.endswith(INSTALLED):
                    path = os.path.join(folder, name, "entry_points.txt")
                    with suppress(OSError, UnicodeError), open(path, encoding="utf-8") as file:
                        yield file.read()
