"""Purity: which code and objects of Python, NumPy and other libraries cannot change what a function computes."""

import builtins
import types
from collections import OrderedDict, defaultdict, deque
from functools import lru_cache
from typing import Any

# Classes whose objects never change.
ATOMS = {
    bool, int, float, complex, str, bytes, range, slice, types.CodeType, types.NoneType, types.EllipsisType,
    types.NotImplementedType, types.MethodDescriptorType, types.WrapperDescriptorType, types.MethodWrapperType,
    types.GetSetDescriptorType, types.MemberDescriptorType, types.ClassMethodDescriptorType,
}  # fmt: skip
# Others, and those whose objects hold nothing that is read.
CONSTANT = {
    "_collections._tuplegetter", "_thread.RLock", "_thread.lock", "collections._tuplegetter", "datetime.date",
    "datetime.datetime", "datetime.time", "datetime.timedelta", "decimal.Decimal", "fractions.Fraction",
    "logging.Logger", "logging.RootLogger", "operator.itemgetter", "re.Pattern", "types.GenericAlias",
    "types.UnionType",
}  # fmt: skip
# Classes in C whose whole state is looked at.
OPEN = {
    object, list, dict, tuple, set, frozenset, deque, defaultdict, OrderedDict, types.SimpleNamespace, int, float,
    complex, str, bytes,
}  # fmt: skip
# Modules whose functions compute from their arguments alone, or write where nothing reads.
PURE = {
    "abc", "array", "bisect", "builtins", "cmath", "collections", "contextlib", "copy", "dataclasses", "engine", "enum",
    "fractions", "functools", "heapq", "itertools", "json", "keyword", "logging", "math", "numbers", "numpy",
    "operator", "pprint", "re", "reprlib", "statistics", "string", "struct", "textwrap", "types", "typing", "warnings",
}  # fmt: skip
SILENT = {"nt.putenv", "nt.unsetenv", "posix.putenv", "posix.unsetenv"}
IMPURE = {
    "builtins.__import__", "builtins.compile", "builtins.eval", "builtins.exec", "builtins.globals", "builtins.input",
    "builtins.locals", "builtins.open",
}  # fmt: skip
# Functions that read attributes of objects which the code does not name.
REFLECTING = {
    "builtins.dir", "builtins.vars", "copy.copy", "copy.deepcopy", "dataclasses.asdict", "dataclasses.astuple",
    "dataclasses.fields", "dataclasses.replace",
}  # fmt: skip
REFLECTED = {"__dict__", "__getattribute__", "__getstate__", "__slots__", "format", "format_map"}  # so do these methods
NAMING = {"delattr", "getattr", "hasattr", "setattr"}  # functions that are given a name
# Special methods that are called when an object is made, and when it is printed.
CONSTRUCTING = frozenset({"__del__", "__init__", "__init_subclass__", "__new__", "__post_init__", "__set_name__"})
PRINTING = frozenset({"__format__", "__repr__", "__str__"})

HEAP, IMMUTABLE = 1 << 9, 1 << 8  # flags of a class


def is_pure(module: str) -> bool:
    """Return whether a module's functions depend on their arguments alone."""
    return module.lstrip("_").partition(".")[0] in PURE and not module.startswith("numpy.random")


@lru_cache(maxsize=4096)
def is_in_python(kind: type) -> bool:
    """Return whether a class was made by Python code, so that its objects have no hidden state."""
    made_in_c = isinstance(vars(kind).get("__new__"), types.BuiltinFunctionType)
    return bool(kind.__flags__ & HEAP) and not kind.__flags__ & IMMUTABLE and not made_in_c


def name_of(thing: Any) -> str:
    """Return the full name of a class or a function, without the underscore of modules in C."""
    module = getattr(thing, "__module__", None) or builtins.__name__
    return f"{module}.{thing.__name__}" if isinstance(thing, type) else f"{module.lstrip('_')}.{thing.__name__}"
