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
from collections.abc import Callable, Iterable, Iterator, Mapping
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
from ..operation import TABLE, Operation
from ..recording.source import HOUSE, HOUSES, LIBRARY
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
    SILENT,
    is_in_python,
    is_pure,
    name_of,
)
from .surroundings import Attribute, Entries, Global, Items, Measured, Place

MAX_OBJECTS = 100_000  # besides Values
MISSING = object()
NOTED = {"label", "note", "scope", "source"}  # attributes of a Value that may change
WRAPPERS = (property, staticmethod, classmethod, partial)
VIEWS: tuple[type, ...] = (MappingProxyType, type({}.keys()), type({}.values()), type({}.items()))
METHODS = (FunctionType, MethodType, *WRAPPERS)
LRU_CACHE = type(lru_cache(len))


class Names(NamedTuple):
    """The names in a piece of code, in the order of their first use."""

    variables: tuple[str, ...]  # global ones, and built-in functions
    attributes: tuple[str, ...]
    modules: tuple[str, ...]  # that it imports
    texts: tuple[str, ...]  # constants that could be names
    computing: tuple[str, ...]  # functions such as `getattr` that are given a name which the code computes


@lru_cache(maxsize=4096)
def names_in(code: CodeType) -> Names:
    """Return the names in a piece of code, and in the functions that it defines.

    >>> names_in((lambda x: model(x) * getattr(settings.loss, "scale")).__code__)[:2]
    (('model', 'getattr', 'settings'), ('loss',))
    """
    import dis  # takes milliseconds to import

    found: dict[str, dict[Any, None]] = {field: {} for field in Names._fields}
    instructions = list(dis.get_instructions(code))
    for place, instruction in enumerate(instructions):
        kind, name = instruction.opname, instruction.argval
        if kind == "IMPORT_NAME":
            found["modules"][name] = None
        elif "ATTR" in kind or "METHOD" in kind or kind == "IMPORT_FROM":
            found["attributes"][name] = None
        elif "GLOBAL" in kind or "NAME" in kind:
            found["variables"][name] = None
            if name in NAMING and not _is_given_a_text(instructions[place + 1 :]):
                found["computing"][name] = None
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


def _is_given_a_text(instructions: Iterable[Any]) -> bool:
    """Return whether the second argument of the function that these instructions call is a constant text."""
    from dis import stack_effect

    height, is_text = 0, False  # of the stack above the function; whether the second argument is one so far
    for instruction in instructions:
        before, height = height, height + stack_effect(instruction.opcode, instruction.arg, jump=False)
        if height <= 0:
            return is_text
        if "JUMP" in instruction.opname:
            return False
        if height <= 2:  # else it belongs to the third argument
            is_constant = instruction.opname == "LOAD_CONST" and isinstance(instruction.argval, str)
            is_text = before == 1 and is_constant
    return False  # pragma: no cover - code ends with a return, which leaves nothing on the stack


class _Holder:
    """An object whose attributes are read where some code names them; a module or a class, too."""

    def __init__(self, path: str, mapping: Mapping[str, Any], owner: Any, is_whole: bool = True) -> None:
        self.path, self.mapping, self.owner = path, mapping, owner
        self.is_whole = is_whole  # whether attributes that are not read yet may come, and shadow others
        self.followed: set[str] = set()

    def names(self, reach: "Reach") -> list[str]:
        """Return the names of the attributes that are read."""
        if reach.reads_all or (reach.reads_objects and not isinstance(self.owner, type | ModuleType)):
            return list(self.mapping)
        found = [name for name in self.mapping if name in reach.names]
        if "__all__" in self.mapping and "__getattr__" in self.mapping:  # a module that imports on first use
            found += [name for name in self.mapping["__all__"] if name in reach.names and name not in self.mapping]
        return found

    def places(self, reach: "Reach") -> Iterator[Place]:
        """Yield what is to be compared."""
        if isinstance(self.owner, ModuleType) or not self.is_whole:
            for name in {*self.names(reach), *(reach.names if self.is_whole else ())}:
                at = f"{self.path}.{name}"
                if isinstance(self.owner, ModuleType) and (name.startswith("__") or not _answers(self.owner, name)):
                    yield Global(at, vars(self.owner), name)
                else:
                    yield Attribute(at, self.owner, name)
        elif isinstance(self.owner, type):
            names = frozenset(reach.names | {name for name in self.mapping if name.startswith("__")})
            yield Entries(self.path, self.mapping, None if reach.reads_all else names, True)
        else:
            reads_all = reach.reads_all or reach.reads_objects
            is_settled = type(self.owner).__module__.partition(".")[0] == "nn"
            yield Entries(self.path, self.mapping, None if reads_all else frozenset(reach.names), True, is_settled)


class Reach:
    """What can be read from some objects on.

    Args:
        roots: the objects, each with what messages call it.

    Attributes:
        values: the Values among it, in the order in which they are found.
        places: what may change.
        generators: functions that return the state of a random generator.
        operations: the operations that are not the engine's own.
        obstacle: what cannot be compared, in words; empty if everything can.
        names: the attributes that some code names.
        reads_objects, reads_all: whether attributes are read by other ways, of objects or of anything.
    """

    def __init__(self, roots: Iterable[tuple[str, Any]]) -> None:
        self.values: dict[Value, None] = {}
        self.places: list[Place] = []
        self.generators: list[Callable[[], Any]] = []
        self.obstacle = ""
        self.operations: list[Operation] = []
        self.names: set[str] = set()
        self.reads_objects = self.reads_all = False
        self._seen: dict[int, Any] = {}
        self._classes: set[tuple[type, frozenset[str]]] = set()
        self._variables: set[tuple[int, str]] = set()
        self._holders: list[_Holder] = []
        self._waiting: list[tuple[Any, str]] = []
        for operation in TABLE.values():  # one that is registered can be reached as a method of each Value
            self._look_at_operation(operation)
        for path, thing in list(roots)[::-1]:
            self._push(thing, path)
        while self._waiting and not self.obstacle:
            self._look(*self._waiting.pop())
            if not self._waiting:
                self._follow_attributes()
        for holder in self._holders:
            self.places += holder.places(self)
        if not NOTED.isdisjoint(self.names):
            self.places += [Attribute(f"the label of {value}", value, "note") for value in self.values]

    def _follow_attributes(self) -> None:
        self.reads_all |= not REFLECTED.isdisjoint(self.names)
        for holder in reversed(self._holders):
            for name in reversed(holder.names(self)):
                if name not in holder.followed:
                    holder.followed.add(name)
                    thing = holder.mapping.get(name, MISSING)
                    self._push(_read(holder.owner, name) if thing is MISSING else thing, f"{holder.path}.{name}")

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
        if len(self._seen) - len(self.values) > MAX_OBJECTS:
            self._stop(f"it can reach more than {MAX_OBJECTS:,} objects besides Values")
        for known, look in self._looks:
            if isinstance(thing, known):
                look(self, thing, path)
                return
        name = name_of(type(thing))
        if name in ("operator.attrgetter", "operator.methodcaller"):
            self.names |= {part for text in thing.__reduce__()[1] for part in str(text).split(".")}
        elif name == "nn.random.Generator":
            self.generators.append(thing.state)
        elif name.startswith("numpy."):
            self._look_at_array(thing, path)
        elif name not in CONSTANT and not name.startswith("engine.") and thing is not sys.stdout:
            self._look_at_object(thing, path)

    # --- code ---

    def _look_at_operation(self, operation: Operation) -> None:
        functions = [getattr(each, "func", each) for each in (operation.value, operation.rule)]
        if any(
            isinstance(each, FunctionType) and not each.__code__.co_filename.startswith(HOUSE) for each in functions
        ):
            self.operations.append(operation)
            self.places.append(Global(f"the operation {operation.name}", TABLE, operation.name))
            for each in functions:
                self._push(each, operation.name)

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
            self.reads_objects |= f"{module}.{function.__name__}" in REFLECTING
            return
        names, is_ours = names_in(code), code.co_filename.startswith(HOUSES)
        self.names.update(names.attributes, () if is_ours else names.texts)
        self.reads_all |= bool(names.computing) and not is_ours
        for name in reversed(names.variables):
            self._look_at_variable(function, name, is_ours)
        for name in names.modules:
            self._look_at_import(function, name)
        if not is_ours:
            self.places += [Attribute(f"{path}.{name}", function, name) for name in ("__code__", "__defaults__")]
            self.places.append(Attribute(f"{path}.__kwdefaults__", function, "__kwdefaults__"))
            self._holders.append(_Holder(path, vars(function), function))

    def _look_at_variable(self, function: Any, name: str, is_ours: bool) -> None:
        """Look at a global variable or a built-in function that some code names."""
        for variables in (function.__globals__, function.__builtins__):
            if not is_ours and (id(variables), name) not in self._variables:
                self._variables.add((id(variables), name))
                self.places.append(Global(name, variables, name))
            if name in variables:
                self._push(variables[name], name)
                if variables is function.__builtins__ and f"builtins.{name}" in REFLECTING:
                    self.reads_objects = True
                    self.reads_all |= not is_ours
                if variables[name] is type and not is_ours and not _is_of_library(function.__code__):
                    self._stop("it can ask for type(), which is not float for an input while it is recorded")
                return

    def _look_at_import(self, function: Any, name: str) -> None:
        """Look at a module that some code imports, perhaps relative to its own package."""
        package = function.__globals__.get("__package__") or ""
        parents = [".".join(package.split(".")[:count]) for count in range(package.count(".") + 2)]
        for each in {name, name.partition(".")[0], *parents, *(f"{parent}.{name}" for parent in parents)}:
            self.places.append(Global(f"module {each}", sys.modules, each))
            self._push(sys.modules.get(each), each)

    def _look_at_method(self, method: Any, path: str) -> None:
        self._push(method.__func__, path)
        self._push(method.__self__, path.rpartition(".")[0] or path)

    def _look_at_built_in(self, function: Any, path: str) -> None:
        owner = function.__self__
        if owner is not None and not isinstance(owner, ModuleType | type):
            self._push(owner, path.rpartition(".")[0] or path)
            return
        name = name_of(owner if isinstance(owner, type) else function)
        if (not is_pure(name) and name not in SILENT) or name in IMPURE:
            self._stop(f"it can call {path}(), which may return something else each time")

    def _look_at_wrapper(self, wrapper: Any, path: str) -> None:
        for name in ("keywords", "args", "func", "fdel", "fset", "fget", "__func__", "__wrapped__"):
            self._push(getattr(wrapper, name, None), path)

    def _look_at_cache(self, function: Any, path: str) -> None:
        self._push(function.__wrapped__, path)
        kept = [thing for thing in gc.get_referents(function) if type(thing) is dict]
        self.places += [Entries(f"the cache of {path}", each) for each in kept]

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
                if not issubclass(base, BaseException):
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
        if not all(
            is_in_python(base) or base in OPEN or issubclass(base, Node | BaseException) for base in kind.__mro__
        ):
            self._stop(f"it can use {path}, a {kind.__name__}, whose state cannot be compared")
            return
        is_ours = kind.__module__.partition(".")[0] == "nn" or is_pure(kind.__module__)
        attributes = getattr(thing, "__dict__", None)
        if isinstance(attributes, dict):
            self._holders.append(_Holder(path, attributes, thing))
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
        elif not (callable(thing) and is_pure(getattr(thing, "__module__", None) or "numpy")):
            self._stop(f"it can use {path}, a {type(thing).__name__}, whose state cannot be compared")

    _looks: tuple[tuple[Any, Callable[[Any, Any, str], None]], ...] = (
        (Node, _look_at_value), (FunctionType, _look_at_function), (MethodType, _look_at_method),
        (BuiltinFunctionType, _look_at_built_in), (type, _look_at_class), (ModuleType, _look_at_module),
        (WRAPPERS, _look_at_wrapper), (LRU_CACHE, _look_at_cache), (list | set | deque, _look_at_list),
        (tuple | frozenset, _look_at_tuple), (dict, _look_at_dict), (VIEWS, _look_at_view),
        (Random, _look_at_generator), (BaseException, _look_at_error), (bytearray | array, _look_at_bytes),
    )  # fmt: skip


def _read(owner: Any, name: str) -> Any:
    """Return an attribute; MISSING, too, where a lazy module raises an error of its own."""
    try:
        return getattr(owner, name, MISSING)
    except Exception:
        return MISSING


def _answers(module: ModuleType, name: str) -> bool:
    """Return whether a module has an attribute that is not among its variables, as lazy modules have."""
    return name not in vars(module) and _read(module, name) is not MISSING


def _is_of_library(code: CodeType) -> bool:
    """Return whether code belongs to Python, or was made by it, as special methods of data classes are."""
    file = code.co_filename
    if file == "<string>":
        return code.co_name.startswith("__")
    return file.startswith(LIBRARY) and "-packages" not in file


def _contents_of_array(numbers: Any) -> tuple[Any, ...]:
    return numbers.shape, numbers.dtype.str, numbers.tobytes()


def _state_of_generator(generator: Any) -> bytes:
    import pickle

    return pickle.dumps(generator)
