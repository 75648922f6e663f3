"""The public names of a package: one list, which type checkers read as imports and Python as a table.

The list is the block ``if TYPE_CHECKING:`` at the top of the package's ``__init__.py``, with an import on each line::

    if TYPE_CHECKING:
        from .backprop import backward as backward
        from .steps.walk import walk as walk

A name is imported on first use, so that importing the package is fast.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any


def public_names(file: str) -> dict[str, str]:
    """Return the list of public names in a package's ``__init__.py``.

    Args:
        file: the file.

    Returns:
        For each name the module it is imported from, relative to the package, such as ``.steps.walk``;
        for a module of the package, ``.``.

    >>> import engine
    >>> public_names(engine.__file__)["walk"]
    '.steps.walk'
    """
    found = {}
    with open(file, encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("    from ."):
                _, module, _, name, *_ = line.split()
                found[name] = module
    return dict(sorted(found.items()))


def import_on_first_use(package: str, table: dict[str, str]) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return ``__getattr__`` and ``__dir__`` for a package whose public names are imported on first use.

    Args:
        package: the package's name.
        table: its public names, as `public_names` returns them.
    """

    def __getattr__(name: str) -> Any:
        if name not in table:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module = table[name]
        found = import_module(f".{name}", package) if module == "." else getattr(import_module(module, package), name)
        setattr(sys.modules[package], name, found)
        return found

    def __dir__() -> list[str]:
        return sorted({*vars(sys.modules[package]), *table})

    return __getattr__, __dir__
