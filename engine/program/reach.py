"""Reach: what a function can read when it is called, besides its inputs.

A replay is right only as long as everything that the recording read is the same. Python does not tell what a function
reads, so this is found from its code, without running it, and rather too much than too little. The code of

    def loss(x):
        return model(x) * settings.scale

names the global variables ``model`` and ``settings`` and the attribute ``scale``. From these objects it goes on: to the
entries of lists and dictionaries, to functions and methods that can be called and to their code, to the attributes of
objects that some code names, and so on. What it finds are places whose contents can be compared later, the Values that
the function can use, and the random generators that it can draw from; or an obstacle, such as an iterator.
"""

import gc
import sys
from _random import Random
from array import array
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from types import (
    BuiltinFunctionType,
    CodeType,
    FunctionType,
    MappingProxyType,
    MemberDescriptorType,
    MethodType,
    ModuleType,
)
from typing import Any, NamedTuple

from ..graph import Node
from ..operation import TABLE
from ..recording.source import HOUSE, HOUSES
from ..value import Value
from .purity import (
    ATOMS,
    CONSTANT,
    CONSTRUCTING,
    IMPURE,
    NAMING,
    OPEN,
    PRINTING,
    REFLECTED,
    REFLECTING,
    is_in_python,
    is_pure,
    name_of,
)
from .surroundings import Attribute, Entries, Global, Items, Measured, Place

MAX_OBJECTS = 100_000
MISSING = object()
WRAPPERS = (property, staticmethod, classmethod, partial)
METHODS = (FunctionType, MethodType, *WRAPPERS)
LRU_CACHE = type(lru_cache(len))


class Names(NamedTuple):
    """The names in a piece of code, in the order of their first use."""

    variables: tuple[str, ...]  # global ones, and built-in functions
    attributes: tuple[str, ...]
    modules: tuple[str, ...]  # that it imports
    texts: tuple[str, ...]  # constants that could be names
    chosen: tuple[str, ...]  # "getattr", if it gets a name that is computed


CALLS = {"PRECALL", "CALL", "CALL_FUNCTION", "KW_NAMES"}


@lru_cache(maxsize=4096)
def names_in(code: CodeType) -> Names:
    """Return the names in a piece of code, and in the functions that it defines.

    >>> names_in((lambda x: model(x) * settings.scale).__code__)
    Names(variables=('model', 'settings'), attributes=('scale',), modules=(), texts=(), chosen=())
    """
    import dis  # takes milliseconds to import

    found: dict[str, dict[Any, None]] = {field: {} for field in Names._fields}
    instructions = list(dis.get_instructions(code))
    for place, instruction in enumerate(instructions):
        kind = instruction.opname
        if kind == "IMPORT_NAME":
            found["modules"][instruction.argval] = None
        elif "ATTR" in kind or "METHOD" in kind or kind == "IMPORT_FROM":
            found["attributes"][instruction.argval] = None
        elif "GLOBAL" in kind or "NAME" in kind:
            found["variables"][instruction.argval] = None
            if instruction.argval == "getattr" and not _has_constant_name(instructions[place + 1 :]):
                found["chosen"]["getattr"] = None
    waiting = list(code.co_consts)
    while waiting:
        constant = waiting.pop()
        if isinstance(constant, CodeType):
            for field, names in names_in(constant)._asdict().items():
                found[field].update(dict.fromkeys(names))
        elif isinstance(constant, tuple | frozenset):
            waiting += constant
        elif isinstance(constant, str) and constant.isidentifier():
            found["texts"][constant] = None
    return Names(*(tuple(names) for names in found.values()))


def _has_constant_name(instructions: Sequence[Any]) -> bool:
    """Return whether the instructions behind ``getattr`` surely call it with a name that is a constant."""
    import dis

    depth = 0  # how many arguments are on the stack
    for place, instruction in enumerate(instructions):
        if depth == 1 and instruction.opname == "LOAD_CONST" and isinstance(instruction.argval, str):
            first, second = (each.opname for each in instructions[place + 1 : place + 3])
            return first in CALLS or (first.startswith("LOAD_") and second in CALLS)  # with a default
        depth += dis.stack_effect(instruction.opcode, instruction.arg)
        if depth > 1:
            break
    return False


class _Holder:
    """An object whose attributes are read where some code names them; a module or a class, too."""

    def __init__(self, path: str, mapping: Mapping[str, Any], owner: Any, is_watched: bool) -> None:
        self.path, self.mapping, self.owner, self.is_watched = path, mapping, owner, is_watched
        self.followed: set[str] = set()

    def names(self, named: set[str], reads_all: bool, chooses: bool) -> list[str]:
        """Return the names of the attributes that are read."""
        is_open = chooses and self.is_watched if isinstance(self.owner, type) else reads_all
        if is_open and not isinstance(self.owner, ModuleType):
            return list(self.mapping)
        found = [name for name in self.mapping if name in named]
        if "__all__" in self.mapping and "__getattr__" in self.mapping:  # a module that imports on first use
            found += [name for name in self.mapping["__all__"] if name in named and name not in self.mapping]
        return found

    def places(self, named: set[str], reads_all: bool, chooses: bool) -> Iterator[Place]:
        """Yield what is to be compared."""
        if isinstance(self.owner, ModuleType):
            for name in self.names(named, False, False):
                yield Global(f"{self.path}.{name}", self.mapping, name)  # type: ignore[arg-type]
        elif isinstance(self.owner, type):
            special = {name for name in self.mapping if name.startswith("__")}
            yield Entries(self.path, self.mapping, None if chooses else frozenset(named | special), True)
        else:
            yield Entries(self.path, self.mapping, None if reads_all else frozenset(named), True)


class Reach:
    """What can be read from some objects on.

    Args:
        roots: the objects, each with what messages call it.
        known: objects that are not followed.

    Attributes:
        values: the Values among it, in the order in which they are found.
        places: what may change.
        generators: functions that return the state of a random generator.
        obstacle: what cannot be compared, in words; empty if everything can.
    """

    def __init__(self, roots: Iterable[tuple[str, Any]], known: Iterable[Any] = ()) -> None:
        self.values: dict[Value, None] = {}
        self.places: list[Place] = []
        self.generators: list[Callable[[], Any]] = []
        self.obstacle = ""
        self._seen: dict[int, Any] = {id(thing): thing for thing in known}
        self._classes: set[tuple[type, frozenset[str]]] = set()
        self._variables: set[tuple[int, str]] = set()
        self._holders: list[_Holder] = []
        self._names: set[str] = set()
        self._reads_all = False  # whether attributes of objects are read whose names are not in the code
        self._chooses = False  # whether attributes of their classes are, such as methods by a name that is computed
        self._waiting: list[tuple[Any, str]] = []
        for operation in TABLE.values():  # one that is registered can be reached as a method of each Value
            for function in (operation.value, operation.rule):
                self._push(getattr(function, "func", function), operation.name)
        for path, thing in list(roots)[::-1]:
            self._push(thing, path)
        while self._waiting and not self.obstacle:
            self._look(*self._waiting.pop())
            if not self._waiting:
                self._follow_attributes()
        for holder in self._holders:
            if holder.is_watched:
                self.places += holder.places(self._names, self._reads_all, self._chooses)

    def _follow_attributes(self) -> None:
        self._reads_all |= not REFLECTED.isdisjoint(self._names)
        for holder in reversed(self._holders):
            for name in reversed(holder.names(self._names, self._reads_all, self._chooses)):
                if name not in holder.followed:
                    holder.followed.add(name)
                    thing = holder.mapping.get(name, MISSING)
                    self._push(getattr(holder.owner, name) if thing is MISSING else thing, f"{holder.path}.{name}")

    def _stop(self, obstacle: str) -> None:
        self.obstacle = self.obstacle or obstacle

    def _push(self, thing: Any, path: str) -> None:
        """Look at something next."""
        if type(thing) not in ATOMS and id(thing) not in self._seen:
            self._waiting.append((thing, path))

    def _push_all(self, things: Iterable[Any], path: str) -> None:
        """Look at the entries of a container next, the first one first."""
        if not set(map(type, things)) <= ATOMS:
            for i, thing in reversed(list(enumerate(things))):
                self._push(thing, f"{path}[{i}]")

    def _look(self, thing: Any, path: str) -> None:
        if id(thing) in self._seen:
            return
        self._seen[id(thing)] = thing
        if len(self._seen) > MAX_OBJECTS:
            self._stop(f"it can reach more than {MAX_OBJECTS:,} objects")
        for known, look in self._looks:
            if isinstance(thing, known):
                look(self, thing, path)
                return
        name = name_of(type(thing))
        if name == "nn.random.Generator":
            self.generators.append(thing.state)
        elif name.startswith("numpy."):
            self._look_at_array(thing, path)
        elif name not in CONSTANT and not name.startswith("engine.") and thing is not sys.stdout:
            self._look_at_object(thing, path)

    # --- code ---

    def _look_at_function(self, function: Any, path: str) -> None:
        code, module = function.__code__, function.__globals__.get("__name__", "")
        if code.co_filename.startswith(HOUSE):
            return
        self._push_all(function.__defaults__ or (), f"the defaults of {path}")
        self._push(function.__kwdefaults__, f"the defaults of {path}")
        for name, cell in reversed(list(zip(code.co_freevars, function.__closure__ or (), strict=True))):
            try:
                self._push(cell.cell_contents, name)
            except ValueError:  # it is assigned later, so nothing is read
                continue
            self.places.append(Attribute(name, cell, "cell_contents"))
        if is_pure(module):
            self._reads_all |= f"{module}.{function.__name__}" in REFLECTING
            return
        names, is_ours = names_in(code), code.co_filename.startswith(HOUSES)
        self._names.update(names.attributes, () if is_ours else names.texts)
        self._chooses |= bool(names.chosen) and not is_ours
        for name in reversed(names.variables):
            found = function.__globals__.get(name, MISSING)
            if found is MISSING:
                found = function.__builtins__.get(name)
                self._reads_all |= f"builtins.{name}" in (REFLECTING - NAMING if is_ours else REFLECTING)
            self._push(found, name)
            if not is_ours and (id(function.__globals__), name) not in self._variables:
                self._variables.add((id(function.__globals__), name))
                self.places.append(Global(name, function.__globals__, name))
        for name in names.modules:
            self._push(sys.modules.get(name), name)
        if not is_ours:
            self.places += [Attribute(f"{path}.{name}", function, name) for name in ("__code__", "__defaults__")]
            self.places.append(Attribute(f"{path}.__kwdefaults__", function, "__kwdefaults__"))
            self._holders.append(_Holder(path, vars(function), function, True))

    def _look_at_method(self, method: Any, path: str) -> None:
        self._push(method.__func__, path)
        self._push(method.__self__, path.rpartition(".")[0] or path)

    def _look_at_built_in(self, function: Any, path: str) -> None:
        owner = function.__self__
        if owner is not None and not isinstance(owner, ModuleType | type):
            self._push(owner, path.rpartition(".")[0] or path)
            return
        name = name_of(owner if isinstance(owner, type) else function)
        if not is_pure(name) or name in IMPURE:
            self._stop(f"it can call {path}(), which may return something else each time")
        self._reads_all |= name in REFLECTING - NAMING

    def _look_at_wrapper(self, wrapper: Any, path: str) -> None:
        for name in ("__func__", "fget", "fset", "fdel", "__wrapped__", "func", "args", "keywords"):
            self._push(getattr(wrapper, name, None), path)

    def _look_at_cache(self, function: Any, path: str) -> None:
        self._look_at_wrapper(function, path)
        self.places.append(Measured(f"the cache of {path}", function, _size_of_cache))

    def _look_at_module(self, module: ModuleType, path: str) -> None:
        name = module.__name__
        if name == "numpy" or not is_pure(name):
            is_ours = name == "numpy" or name.partition(".")[0] == "nn"
            self._holders.append(_Holder(path, vars(module), module, not is_ours))

    def _look_at_class(self, kind: type, path: str) -> None:
        """Look at a class that code names, so it may make objects of it."""
        self._look_at_bases(kind, path, frozenset())

    def _look_at_bases(self, kind: type, path: str, passed: frozenset[str]) -> None:
        """Look at the special methods of a class and its bases, except those passed; at other attributes if named."""
        for base in kind.__mro__:
            if is_pure(base.__module__) or (base, passed) in self._classes:
                continue
            if not is_in_python(base):
                if not passed and not issubclass(base, BaseException):
                    self._stop(f"it can call {path}(), whose results cannot be compared")
                continue
            self._classes.add((base, passed))
            for name, thing in vars(base).items():
                if name.startswith("__") and name not in passed and isinstance(thing, METHODS):
                    self._push(thing, f"{base.__name__}.{name}")
            if id(base) not in self._seen or base is kind:
                is_ours = base.__module__.partition(".")[0] == "nn"
                self._holders.append(_Holder(base.__name__, vars(base), base, not is_ours))
            self._seen[id(base)] = base
        if type(kind) is not type and not is_pure(type(kind).__module__):
            self._look_at_bases(type(kind), path, CONSTRUCTING)

    # --- objects ---

    def _look_at_object(self, thing: Any, path: str) -> None:
        kind = type(thing)
        if not all(is_in_python(base) or base in OPEN or issubclass(base, Node) for base in kind.__mro__):
            self._stop(f"it can use {path}, a {kind.__name__}, whose state cannot be compared")
            return
        is_ours = kind.__module__.partition(".")[0] == "nn" or is_pure(kind.__module__)
        attributes = getattr(thing, "__dict__", None)
        if isinstance(attributes, dict):
            self._holders.append(_Holder(path, attributes, thing, True))
            if is_pure(kind.__module__):  # its code, which is not looked at, may read all of them
                self._push_all(attributes.values(), path)
        for base in kind.__mro__:
            for name, member in [] if issubclass(Value, base) else vars(base).items():
                if isinstance(member, MemberDescriptorType) and is_in_python(base):
                    self.places.append(Attribute(f"{path}.{name}", thing, name))
                    self._push(getattr(thing, name, None), f"{path}.{name}")
        if not is_ours:
            self.places += [Attribute(f"{path}.{name}", thing, name) for name in ("__class__", "__dict__")]
        self._look_at_bases(kind, path, CONSTRUCTING | PRINTING if is_ours else CONSTRUCTING)

    def _look_at_value(self, value: Any, path: str) -> None:
        self.values[value] = None
        if type(value) is not Value:
            self._look_at_object(value, path)

    def _look_at_list(self, things: Any, path: str) -> None:
        self.places.append(Items(path, things))
        self._push_all(things, path)
        self._look_at_subclass(things, path)

    def _look_at_tuple(self, things: Any, path: str) -> None:
        self._push_all(things, path)
        self._look_at_subclass(things, path)

    def _look_at_dict(self, entries: Any, path: str) -> None:
        self.places.append(Entries(path, entries))
        self._push(getattr(entries, "default_factory", None), path)
        if not set(map(type, entries.values())) <= ATOMS:
            for key, thing in reversed(list(entries.items())):
                self._push(thing, f"{path}[{key!r:.40}]")
        self._push_all(entries.keys(), f"the keys of {path}")
        self._look_at_subclass(entries, path)

    def _look_at_subclass(self, thing: Any, path: str) -> None:
        if type(thing) not in OPEN:
            self._look_at_object(thing, path)

    def _look_at_view(self, view: Any, path: str) -> None:
        self._push(gc.get_referents(view), path)

    def _look_at_generator(self, generator: Any, path: str) -> None:
        try:
            generator.getstate()
        except NotImplementedError:
            self._stop(f"it can draw from {path}, which draws from the operating system")
        self.generators.append(generator.getstate)

    def _look_at_error(self, error: BaseException, path: str) -> None:
        self._push_all(error.args, path)
        self._look_at_object(error, path)

    def _look_at_bytes(self, thing: Any, path: str) -> None:
        self.places.append(Measured(path, thing, bytes))

    def _look_at_array(self, thing: Any, path: str) -> None:
        """Look at something of NumPy's."""
        if hasattr(thing, "tobytes"):
            self.places.append(Measured(path, thing, _contents_of_array))
            if thing.dtype.hasobject:
                self._push(thing.tolist(), path)
        elif hasattr(thing, "bit_generator") or hasattr(thing, "get_state"):
            self.generators.append(partial(_state_of_generator, thing))
        elif name_of(type(thing)) not in CONSTANT:
            self._stop(f"it can use {path}, a {type(thing).__name__}, whose state cannot be compared")

    _looks: tuple[tuple[Any, Callable[[Any, Any, str], None]], ...] = (
        (Node, _look_at_value), (FunctionType, _look_at_function), (MethodType, _look_at_method),
        (BuiltinFunctionType, _look_at_built_in), (type, _look_at_class), (ModuleType, _look_at_module),
        (WRAPPERS, _look_at_wrapper), (LRU_CACHE, _look_at_cache), (list | set | deque, _look_at_list),
        (tuple | frozenset, _look_at_tuple), (dict, _look_at_dict), (MappingProxyType, _look_at_view),
        (Random, _look_at_generator), (BaseException, _look_at_error), (bytearray | array, _look_at_bytes),
    )  # fmt: skip


def _size_of_cache(function: Any) -> tuple[int, int]:
    """Return what changes when a cache keeps another result, or forgets one."""
    known = function.cache_info()
    return known.misses, known.currsize


def _contents_of_array(numbers: Any) -> tuple[Any, ...]:
    return numbers.shape, numbers.dtype.str, numbers.tobytes()


def _state_of_generator(generator: Any) -> bytes:
    import pickle

    return pickle.dumps(generator)
