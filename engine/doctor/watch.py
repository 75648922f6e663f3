"""Watch: what a program does with its Values while it runs, noted for the doctor.

While a watch is open, it sees each new node and each backward pass, and each number or gradient of a leaf that the
program itself changes. For the last two, `Value` has the properties ``data`` and ``grad``, which pass everything on to
the slots of the same names. They are taken away again when the watch is closed, or has seen enough: a program that is
not watched pays nothing.
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from operator import attrgetter, call
from types import CodeType, FrameType
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from ..derivatives import jacobian
from ..graph import Node, topological_order
from ..recording.context import CLOSING, Observer, current_state, entered, states
from ..recording.source import HOUSE, HOUSES, Source
from ..slope import Undefined
from ..support.interrupts import at_once, exit_by
from ..value import Value

if TYPE_CHECKING:
    from .finding import Diagnosis

MAX_NOTES = 300_000  # changes of leaves that are noted
MAX_NODES = 3_000_000  # nodes that are looked at
MAX_KEPT = 200_000  # nodes of graphs that are kept; beyond, only those of the first and of the last passes are
FIRST = 3
MAX_FRAMES = 6

WATCHED = "data", "grad"
_data, _grad = (vars(Node)[name] for name in WATCHED)  # the slots
number_of, gradient_of, set_number, set_gradient = _data.__get__, _grad.__get__, _data.__set__, _grad.__set__

Place = tuple[CodeType, int]  # a code object of the program, and a line in it
Places = tuple[Place, ...]  # the innermost first


class Change(NamedTuple):
    """A number of a leaf that the program changed."""

    time: int
    leaf: Value
    old: float
    new: float
    grad: float | None  # the leaf's gradient at that time
    is_update: bool  # whether the program has read its gradient since it was computed, or another one in this line
    places: Places
    actor: object  # the object whose method step made the change


class Reset(NamedTuple):
    """A gradient of a leaf that the program changed."""

    time: int
    leaf: Value
    old: float | None
    new: float | None
    is_used: bool  # whether the program has read the gradient since it was computed
    is_derived: bool  # whether the same line has just read it
    places: Places


class Shuffle(NamedTuple):
    """A list that the program shuffled."""

    items: Any
    places: Places


class Birth(NamedTuple):
    """The time when a node was made, and its operands, which `no_grad` takes away."""

    time: int
    inputs: tuple[Value, ...]


class Pass:
    """A backward pass.

    Attributes:
        time, places: when and where the program called it.
        order: the graph, if it was kept.
        size, loss: the count of its nodes, and the number of its root.
        source, label: the statement that made the root, and the root's label.
        leaves, position: the leaves of the graph, and the place of each among them.
        numbers, before, gradients: for each leaf its number, its gradient before, and what the pass added to it.
        born: the time when the root was made; -1 if it was there at an earlier pass already.
        old, old_count: the last of the results in the graph that were there at an earlier pass already (in the first
            passes alone, since it keeps a graph alive), and how many there are.
        old_leaves: the leaves that these were computed from.
        contains_last: whether the root of the last pass is one of them.
        strays: how many results each statement made since the last pass that are in no graph and in no other result.
        beyond: the statement and the number of the last result that was computed from the root before the pass.
        lost: leaves with the statements that computed a new node from one of them and a plain number, in vain.
        copies: nodes without operands that have the number of a result, each with this result.
    """

    order: list[Value] | None
    beyond: tuple[Source | None, float] | None = None

    def __init__(self, watch: Watch, order: list[Value]) -> None:
        recent, root, nodes = watch.recent, order[-1], set(order)
        self.time, self.places = watch.time, watch.places()
        self.order, self.size, self.loss = order, len(order), root.data
        self.source, self.label = root.source, root.label
        self.leaves = [node for node in order if node.is_leaf]
        self.position = {leaf: place for place, leaf in enumerate(self.leaves)}
        self.numbers = [leaf.data for leaf in self.leaves]
        self.before = [*map(_plain_gradient, self.leaves)]
        self.gradients: list[float] = []
        self.born = recent[root].time if root in recent else -1
        old = [node for node in order if node.inputs and node not in recent]
        self.old_count = len(old)
        self.old = old[-1:] if len(watch.passes) <= FIRST else []
        self.old_leaves = {leaf for node in old for leaf in node.inputs if leaf.is_leaf}
        self.contains_last = bool(watch.passes) and watch.last_root in nodes and watch.last_root is not root
        self.is_rebound = bool(old) and all(_moves_a_number(node) for node in old)
        used = {operand for birth in recent.values() for operand in birth.inputs}
        strays = [node for node in recent if recent[node].inputs and node not in nodes and node not in used]
        self.strays = Counter(node.source for node in strays)
        above = {root}
        for node, birth in recent.items():
            if not above.isdisjoint(birth.inputs):
                above.add(node)
                self.beyond = node.source, node.data
        self.lost = [
            (node.inputs[0], node.source) for node in strays if _moves_a_number(node) and node.inputs[0].is_leaf
        ]
        self.copies = {node: watch.copies[node] for node in order if node in watch.copies}

    def gradient(self, leaf: Value) -> float:
        """Return what the pass added to a leaf's gradient."""
        return self.gradients[self.position[leaf]]


def _plain_gradient(leaf: Value) -> float:
    """Return the gradient of a leaf, 0 where it is not computed or undefined."""
    gradient = gradient_of(leaf)
    return float(gradient) if isinstance(gradient, int | float) and not isinstance(gradient, Undefined) else 0.0


def moved(nodes: Iterable[Value]) -> list[tuple[Value, Source | None]]:
    """Return the leaves that a node among these moves by a plain number, each with the node's statement."""
    return [(node.inputs[0], node.source) for node in nodes if _moves_a_number(node) and node.inputs[0].is_leaf]


def _moves_a_number(node: Value) -> bool:
    """Return whether a node is another one plus or minus a plain number, as in ``w - 0.1 * w.grad``."""
    return node.op.name in ("sub", "add") and len(node.inputs) == 2 and node.inputs[1].is_constant


class Watch(Observer):
    """A context that notes what the program inside does with its Values. Of nested ones, the innermost looks on.

    >>> w = Value(3.0, "w")
    >>> with Watch() as watch:
    ...     for step in range(2):
    ...         loss = (w - 1.0) ** 2
    ...         loss.backward()
    ...         w.data -= 0.1 * w.grad
    >>> len(watch.passes), [(each.old, each.new) for each in watch.changes]
    (2, [(3.0, 2.6), (2.6, 1.88)])
    >>> print(watch.diagnose())
    error: the gradients of w still contain those of earlier steps: they were not set back to 0. [stale-gradients]
    ...
    """

    def __init__(self) -> None:
        self.time = 0
        self.passes: list[Pass] = []
        self.losses: list[float] = []
        self.changes: list[Change] = []
        self.resets: list[Reset] = []
        self.shuffles: list[Shuffle] = []
        self.variables: dict[str, Any] = {}
        self.recent: dict[Value, Birth] = {}  # nodes made since the last pass
        self.copies: dict[Value, Value] = {}
        self.missing: dict[Value, Places] = {}  # leaves whose gradients were read when they had none
        self.batches: list[list[Any]] = []  # the targets of each step of a training that is computed by programs
        self.last_root: Value | None = None
        self.is_full = self.is_rehearsed = False
        self.inner: Watch | None = None  # the last watch that was opened inside
        self._results: dict[float, Value] = {}  # by their numbers
        self._nodes = self._kept = 0
        self._next_to_drop = FIRST
        # Leaves that were changed after a pass by gradients read before it: where they were read, and changed.
        self.early: dict[Value, tuple[Place, Places]] = {}
        self._read: dict[Value, Place] = {}  # leaves whose gradients were read since they were computed, and where
        self._read_before: dict[Value, Place] = {}  # those that were read before the last pass
        self._last_read: tuple[Value, CodeType, int] | None = None
        self._is_looking = False
        self.undo: Callable[[], object] = bool  # what takes all changes back when the block ends

    # --- opening and closing ---

    def __enter__(self) -> Self:
        before, outer, outer_undo = current_state(), self.current(), self.undo
        undo: list[Callable[[], object]] = [
            partial(setattr, random, "shuffle", random.shuffle),
            partial(setattr, random.Random, "shuffle", random.Random.shuffle),
            *(partial(type.__setattr__, Value, name, vars(Value).get(name)) for name in WATCHED),
            partial(setattr, self, "_is_looking", False),
            partial(setattr, self, "undo", outer_undo),
        ]
        if outer is None or not outer._is_looking:
            undo += [partial(type.__delattr__, Value, name) for name in WATCHED]
        else:
            undo.append(partial(setattr, outer, "_is_looking", True))
        try:
            self.undo = at_once(undo)
            super().__enter__()
            if outer:  # it does not look on meanwhile
                outer.inner = self
                outer._look(False)
            self._look(True)
            random.shuffle = self._noting(random.shuffle, 0)
            random.Random.shuffle = self._noting(random.Random.shuffle, 1)  # type: ignore[method-assign]
            return self
        except BaseException:  # an interrupt that came meanwhile
            if current_state() is not before:
                self.__exit__(None, None, None)
            self.undo = outer_undo
            raise

    __exit__ = staticmethod(exit_by(map(call, map(attrgetter("observer.undo"), states)), *CLOSING))

    def _look(self, looking: bool) -> None:
        """Put the properties in front of the slots, or take them away."""
        if looking and not self._is_looking:
            type.__setattr__(Value, "data", property(number_of, self._set_number, _data.__delete__))
            type.__setattr__(Value, "grad", property(self._get_gradient, self._set_gradient, _grad.__delete__))
        elif self._is_looking and not looking:
            type.__delattr__(Value, "data")
            type.__delattr__(Value, "grad")
        self._is_looking = looking

    def diagnose(self, variables: Mapping[str, Any] | None = None) -> Diagnosis:
        """Return what is wrong with the program that was watched, the root cause first.

        Args:
            variables: the program's variables, such as ``locals()``, for names; those of the functions that called
                ``backward()`` are known.
        """
        from .course import Course
        from .diagnosis import diagnose_course

        return diagnose_course(Course(self, variables))

    @staticmethod
    def current() -> Watch | None:
        """Return the watch that is open around the caller, if one is."""
        observer = current_state().observer if entered else None
        return observer if isinstance(observer, Watch) else None

    @contextmanager
    def training(
        self, record: Callable[[], Value], parameters: Sequence[Value], update: Callable[[float, float], float],
        losses: Sequence[float], batches: Sequence[Sequence[Any]] = (),
    ) -> Iterator[None]:  # fmt: skip
        """Look at a training that is computed by programs: at a loss before and after it, and at the first update.

        Args:
            record: computes the loss of some samples, with the parameters of the moment.
            parameters: what is trained.
            update: returns the next number for a number of a parameter and its gradient, as at the first update.
            losses: the losses of all steps, when the training has ended.
            batches: the targets of each step, if they are the same in each epoch.
        """
        if self.is_full:
            yield
            return
        self.is_rehearsed = True
        self.batches = list(map(list, batches))
        places = self.places()
        first = self._rehearse(record, parameters)
        for leaf, gradient in first.items():
            self.time += 1
            new = update(leaf.data, gradient)
            self.changes.append(Change(self.time, leaf, leaf.data, new, gradient, True, places, None))
        self._look(False)
        self.is_full = True
        try:
            yield
        finally:
            self.is_full = False
            self._look(True)
            self._rehearse(record, parameters)
            self.losses[:] = losses

    def _rehearse(self, record: Callable[[], Value], parameters: Sequence[Value]) -> dict[Value, float]:
        """Note a loss as if it were differentiated, and return its gradients, with no change to any node."""
        root = record()
        with self.backward(topological_order(root)):
            noted = self.passes[-1]
            gradients = dict(zip(noted.leaves, jacobian([root], noted.leaves)[0], strict=True))
        noted.before, noted.gradients = [0.0] * len(noted.leaves), list(gradients.values())
        return {leaf: gradients[leaf] for leaf in parameters if leaf in gradients}

    def _noting(self, shuffle: Callable[..., None], position: int) -> Callable[..., None]:
        def shuffle_and_note(*arguments: Any, **more: Any) -> None:
            shuffle(*arguments, **more)
            if len(arguments) > position:
                self.shuffles.append(Shuffle(arguments[position], self.places()))

        return shuffle_and_note

    def _have_enough(self) -> None:
        self.is_full = True
        self._look(False)
        self.recent.clear()
        self._results.clear()

    # --- nodes ---

    def take(self, node: Value, recording: bool) -> None:
        """Note a new node."""
        if self.is_full:
            return
        self.time += 1
        self._nodes += 1
        if self._nodes > MAX_NODES:
            self._have_enough()
            return
        self.recent[node] = Birth(self.time, node.inputs)
        number = number_of(node)
        if node.inputs:
            self._results[number] = node
        elif number in self._results and not number.is_integer():
            self.copies[node] = self._results[number]

    # --- backward passes ---

    @contextmanager
    def backward(self, order: Sequence[Value]) -> Iterator[None]:
        """Note a backward pass: the graph before it, and what it has added to the gradients."""
        self.losses.append(number_of(order[-1]))
        if self.is_full:
            yield
            return
        self._look(False)
        self.time += 1
        last = Pass(self, list(order))
        self.passes.append(last)
        self._remember_variables()
        try:
            yield
        finally:
            gradients = map(_plain_gradient, last.leaves)
            last.gradients = [after - before for after, before in zip(gradients, last.before, strict=True)]
            self._read_before = {leaf: self._read.pop(leaf) for leaf in last.leaves if leaf in self._read}
            self.last_root = order[-1]
            self._forget(last.size)
            self._look(True)

    def _forget(self, size: int) -> None:
        """Forget the nodes since the last pass, and graphs that are too many when one of this size is added."""
        for known in (self.recent, self._results, self.copies):
            known.clear()
        self._kept += size
        while self._kept > MAX_KEPT and self._next_to_drop < len(self.passes) - 1:
            self._kept -= self.passes[self._next_to_drop].size
            self.passes[self._next_to_drop].order = None
            self._next_to_drop += 1

    # --- the program's own changes ---

    def _set_number(self, leaf: Value, new: float) -> None:
        try:
            old = number_of(leaf)
            is_leaf = leaf.is_leaf
        except AttributeError:  # it is just being made
            set_number(leaf, new)
            return
        set_number(leaf, new)
        last, self._last_read = self._last_read, None
        if is_leaf:
            frame = sys._getframe(1)
            is_update = leaf in self._read or (last is not None and last[1:] == (frame.f_code, frame.f_lineno))
            self.time += 1
            grad, places, actor = gradient_of(leaf), self.places(), self._actor()
            self.changes.append(Change(self.time, leaf, old, new, grad, is_update, places, actor))
            if not is_update and leaf in self._read_before:
                self.early.setdefault(leaf, (self._read_before[leaf], places))
            self._count()

    def _get_gradient(self, leaf: Value) -> float | None:
        gradient: float | None = gradient_of(leaf)
        frame = sys._getframe(1)
        if not frame.f_code.co_filename.startswith(HOUSE):  # the engine copies and shows it
            self._read[leaf] = frame.f_code, frame.f_lineno
            self._last_read = leaf, frame.f_code, frame.f_lineno
            if gradient is None and leaf.is_leaf and not frame.f_code.co_filename.startswith(HOUSES):
                self.missing.setdefault(leaf, self.places())
        return gradient

    def _set_gradient(self, leaf: Value, new: float | None) -> None:
        try:
            old = gradient_of(leaf)
            is_leaf = leaf.is_leaf
        except AttributeError:
            set_gradient(leaf, new)
            return
        set_gradient(leaf, new)
        if is_leaf:
            frame = sys._getframe(1)
            is_derived = self._last_read == (leaf, frame.f_code, frame.f_lineno)
            self.time += 1
            self.resets.append(Reset(self.time, leaf, old, new, leaf in self._read, is_derived, self.places()))
            self._count()
        self._last_read = None

    def _count(self) -> None:
        if len(self.changes) + len(self.resets) > MAX_NOTES:
            self._have_enough()

    # --- the program around it ---

    def places(self) -> Places:
        """Return the places in the program that led here, the innermost first."""
        found: list[Place] = []
        frame = sys._getframe(1)
        while frame and len(found) < MAX_FRAMES:
            code = frame.f_code
            if not code.co_filename.startswith(HOUSES):
                found.append((code, frame.f_lineno))
                if code.co_name == "<module>":
                    break
            frame = frame.f_back  # type: ignore[assignment]
        return tuple(found)

    def _actor(self) -> object:
        """Return the object whose method ``step`` is running, if there is one."""
        frame = sys._getframe(2)
        while frame and frame.f_code.co_name != "<module>":
            if frame.f_code.co_name == "step" and "self" in frame.f_locals:
                return frame.f_locals["self"]
            frame = frame.f_back  # type: ignore[assignment]
        return None

    def _remember_variables(self) -> None:
        """Remember the variables of the functions that are running."""
        frames: list[FrameType] = []
        frame = sys._getframe(2)
        while frame and len(frames) < MAX_FRAMES:
            if not frame.f_code.co_filename.startswith(HOUSES):
                frames.append(frame)
                if frame.f_code.co_name == "<module>":
                    break
            frame = frame.f_back  # type: ignore[assignment]
        self.variables = {}
        for frame in reversed(frames):
            self.variables.update(frame.f_locals)
