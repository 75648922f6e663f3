"""stepgrad under its own name: ``import stepgrad as sg``, then ``sg.Value``, ``sg.draw``, ``sg.nn``, ``sg.micrograd``.

`stepgrad.engine` is `engine` and `stepgrad.nn` is `nn`: the same modules under a second name, also where a file
``engine.py`` or ``nn.py`` stands beside your program, which Python would find before ours.
"""

import sys
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

# What the modules of this package are, each with all that is inside it.
MODULES = {
    "stepgrad.engine": "engine",
    "stepgrad.nn": "nn",
    "stepgrad.micrograd.engine": "engine.micrograd",
    "stepgrad.micrograd.nn": "nn.micrograd",
}
HERE = Path(__file__).resolve().parents[1]
PLACE = str(HERE if (HERE / "nn").is_dir() else HERE.parents[1])  # where engine and nn are: installed, or in a clone


SIGNS = {"engine": "backprop.py", "nn": "optimisers.py"}  # files that tell our packages from those of others


def _folders(module: ModuleType) -> list[str]:
    return list(getattr(module, "__path__", ()))


class SecondName(MetaPathFinder, Loader):
    """Finds a module of this package as the module that it is a second name of."""

    def __init__(self) -> None:
        self.asked: set[str] = set()  # those of our packages that were needed

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """Return a specification for the names in `MODULES`, and for what is inside them."""
        if fullname in ("engine", "nn") and fullname in self.asked:
            return PathFinder.find_spec(fullname, [PLACE])  # pragma: no cover - tested in a fresh process
        parts = fullname.split(".")
        for end in range(len(parts), 1, -1):
            if first := MODULES.get(".".join(parts[:end])):
                return ModuleSpec(fullname, self, loader_state=".".join([first, *parts[end:]]))
        return None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return the module that has this second name."""
        module = self.first(spec.loader_state)
        spec.loader_state = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Let the module have its first specification again; it was executed when it was imported."""
        assert module.__spec__ is not None
        module.__spec__ = module.__spec__.loader_state

    def first(self, name: str) -> ModuleType:
        """Import one of our modules, also where a file of the user's has the name of its package."""
        for package in ("engine", "nn")[: 1 if name.startswith("engine") else 2]:
            loaded = sys.modules.get(package)
            if loaded is not None and not any(Path(each, SIGNS[package]).exists() for each in _folders(loaded)):
                raise ImportError(
                    f"stepgrad needs its own package {package!r}, but {getattr(loaded, '__file__', None) or loaded} "
                    f"was imported under this name before; rename that file, or import stepgrad before it"
                )
            self.asked.add(package)
        return import_module(name)


finder = SecondName()
sys.meta_path.insert(0, finder)
engine: Any = import_module("stepgrad.engine")
__version__ = engine.__version__
__all__ = [*engine.__all__]


def __getattr__(name: str) -> Any:
    if name in ("nn", "micrograd"):
        return import_module(f"stepgrad.{name}")
    if name in __all__:
        return getattr(engine, name)
    raise AttributeError(f"module 'stepgrad' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, "nn", "micrograd"})
