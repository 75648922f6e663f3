"""The public names of a package: one list, which type checkers read as imports and Python as a table.

The list is the block ``if TYPE_CHECKING:`` at the top of the package's ``__init__.py``, with an import on each line::

    if TYPE_CHECKING:
        from .backprop import backward as backward
        from .steps.walk import walk as walk

A name is imported on first use, so that importing the package is fast.
"""

from __future__ import annotations

import sys
from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def public_names(file: str) -> dict[str, str]:
    """Return the public names in a package's ``__init__.py``, each with the module that it is imported from.

    The modules are relative to the package, as in ``.steps.walk``; a name that is a module itself comes from ``.``.

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


def import_on_first_use(
    package: str, table: dict[str, str], refusing: str = ""
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return ``__getattr__`` and ``__dir__`` for a package: the public names of the table are imported on first use.

    Args:
        package: its name.
        table: the public names, as `public_names` returns them.
        refusing: the module whose ``refuse`` raises the error for a name that is not in the table.
    """

    def __getattr__(name: str) -> Any:
        if name not in table:
            if refusing and not name.startswith("_"):
                import_module(refusing, package).refuse(name)
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module = table[name]
        found = import_module(f".{name}", package) if module == "." else getattr(import_module(module, package), name)
        setattr(sys.modules[package], name, found)
        return found

    def __dir__() -> list[str]:
        return sorted({*vars(sys.modules[package]), *table})

    return __getattr__, __dir__
