"""The course of a program: what a watch noted, put in order for the rules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType, TracebackType
from typing import Any, NamedTuple

from ..name import Names
from ..recording.source import HOUSES, Source, source_at
from ..support.text import counted, format_number, listed
from ..value import Value
from .case import MAX_LISTED, Case
from .samples import Term, terms_of
from .watch import Change, Pass, Places, Reset, Watch

MAX_BELONGINGS = 50_000
CODE = ModuleType, FunctionType, BuiltinFunctionType, MethodType, type
PARAMETERS = "parameters", "params"  # names that programs give to a list of what is trained
# Words for what is not trained on purpose.
INTENDED = (
    "frozen|freeze|fixed|pretrain|teacher|reservoir|random.feature|fine.?tun|transfer|requires_grad|"
    "only the (head|last|output)|(not|isn't) (be )?(trained|updated)"
)


class Move(NamedTuple):
    """What a step did to a leaf, and its gradient at that time."""

    old: float
    new: float
    grad: float

    @property
    def change(self) -> float:
        """The difference."""
        return self.new - self.old


class Step:
    """An update, or the attempt: the passes since the one before, and the changes of leaves."""

    def __init__(self, passes: list[Pass]) -> None:
        self.passes, self.changes = passes, list[Change]()

    @cached_property
    def moves(self) -> dict[Value, Move]:
        """What happened to each leaf."""
        found: dict[Value, Move] = {}
        for change in self.changes:
            old, _, grad = found.get(change.leaf) or (change.old, 0.0, change.grad or 0.0)
            found[change.leaf] = Move(old, change.new, grad)
        return found


class Course:
    """What a program did, in order.

    Attributes:
        passes, changes, resets, shuffles, losses: see `engine.doctor.watch.Watch`.
        variables: the program's variables.
        steps: its updates.
        failure: the error that ended it, if one did.
        file: its main file, if it is known.
    """

    def __init__(
        self, watch: Watch, variables: Mapping[str, Any] | None = None, failure: BaseException | None = None,
        file: str = "",
    ) -> None:  # fmt: skip
        self.watch, self.failure, self.file = watch, failure, file
        self.passes, self.changes, self.resets = watch.passes, watch.changes, watch.resets
        self.losses, self.shuffles = watch.losses, watch.shuffles
        self.variables = {**(variables or {}), **watch.variables}
        self.steps: list[Step] = []
        events: list[Pass | Change] = sorted([*self.passes, *self.changes], key=lambda event: event.time)
        waiting: list[Pass] = []
        for event in events:
            if isinstance(event, Pass):
                waiting.append(event)
            elif event.is_update:
                if waiting or not self.steps:
                    self.steps.append(Step(waiting))
                    waiting = []
                self.steps[-1].changes.append(event)
        self.pending = waiting  # passes without an update after them

    @property
    def count_of_passes(self) -> str:
        """How many backward passes there were, in words."""
        return counted(len(self.losses), "backward pass", "backward passes")

    @property
    def from_first_to_last(self) -> str:
        """The first and the last loss, as part of a sentence."""
        return f"from {format_number(self.losses[0])} to {format_number(self.losses[-1])}"

    # --- what belongs to the program ---

    @cached_property
    def belongings(self) -> list[tuple[str, Any]]:
        """All things that the variables lead to, with the paths to them, such as ``model.layers[0]``."""
        return list(belongings_of(self.variables))

    @cached_property
    def lists(self) -> list[tuple[str, list[Any]]]:
        """The lists of three items or more among them."""
        return [(path, thing) for path, thing in self.belongings if isinstance(thing, list) and len(thing) > 2]

    @cached_property
    def models(self) -> list[tuple[str, list[Value]]]:
        """The things that have parameters, with these; the largest first."""
        found = []
        for path, thing in self.belongings:
            if callable(getattr(thing, "parameters", None)):
                try:
                    parameters = [p for p in thing.parameters() if isinstance(p, Value)]
                except Exception:  # a method of the learner's own
                    continue
                found.append((path, parameters))
        return sorted(found, key=lambda model: -len(model[1]))

    @cached_property
    def parameters(self) -> list[Value]:
        """The leaves that are trained, or are meant to be, as far as that is known."""
        listed_ones = [
            x for name, thing in self.variables.items() if name in PARAMETERS and isinstance(thing, list | tuple | dict)
            for _, x in belongings_of({name: thing}) if isinstance(x, Value) and x.is_leaf
        ]  # fmt: skip
        of_models = [p for _, parameters in self.models for p in parameters]
        return list(dict.fromkeys([*self.trained, *of_models, *listed_ones])) or list(self.reached)

    @cached_property
    def derived(self) -> list[Reset]:
        """The gradients that the program computed from others, such as clipped ones."""
        return [reset for reset in self.resets if reset.is_derived]

    @cached_property
    def tried(self) -> dict[Value, None]:
        """The leaves that the program tried to update."""
        return {change.leaf: None for step in self.steps for change in step.changes}

    @cached_property
    def trained(self) -> dict[Value, None]:
        """The leaves that the program tried to update and that a loss depends on."""
        return {leaf: None for leaf in self.tried if leaf in self.reached}

    @cached_property
    def reached(self) -> dict[Value, int]:
        """The leaves that were in the graph of a loss, with the count of passes."""
        found: dict[Value, int] = defaultdict(int)
        for each in self.passes:
            for leaf in each.leaves:
                found[leaf] += 1
        return found

    @cached_property
    def members(self) -> set[Value]:
        """The parameters of all models."""
        return {p for _, parameters in self.models for p in parameters}

    @cached_property
    def is_input_trained(self) -> bool:
        """Whether what is trained are inputs of a model, whose own parameters are left as they are."""
        return bool(self.trained) and self.members.isdisjoint(self.tried) and any(
            "input" in self.uses[leaf] for leaf in self.members if leaf in self.reached
        )  # fmt: skip

    @cached_property
    def uses(self) -> dict[Value, set[str]]:
        """For each leaf: "input" if a trained one is multiplied by it, "target" if it is subtracted from a result."""
        found: dict[Value, set[str]] = defaultdict(set)
        for each in self.kept[:2]:
            for node in each.order or ():
                for leaf, other in (node.inputs, node.inputs[::-1]) if len(node.inputs) == 2 else ():
                    if leaf.is_leaf and node.op.name == "mul" and other in self.trained:
                        found[leaf].add("input")
                    if leaf.is_leaf and node.op.name == "sub" and other.inputs:
                        found[leaf].add("target")
        return found

    def is_plain(self, node: Value) -> bool:
        """Return whether a node is a number that is not trained."""
        return not node.inputs and node not in self._parameters

    @cached_property
    def _parameters(self) -> set[Value]:
        return set(self.parameters)

    def says(self, words: str) -> bool:
        """Return whether the program says something in its names or comments."""
        from .statements import says

        return any(says(file, words) for file in self.files)

    @cached_property
    def files(self) -> set[str]:
        """The files of the program that called backward() or made a change."""
        events: list[Any] = [*self.passes, *self.changes, *self.resets]
        return {code.co_filename for event in events for code, _ in event.places} | ({self.file} - {""})

    @cached_property
    def _failed(self) -> TracebackType | None:
        """The innermost place of the program in the error's traceback."""
        trace, found = self.failure.__traceback__ if self.failure else None, None
        while trace:
            if not trace.tb_frame.f_code.co_filename.startswith(HOUSES):
                found = trace
            trace = trace.tb_next
        return found

    @property
    def failed_at(self) -> Source | None:
        """The statement of the program at which it failed."""
        return source_at(self._failed.tb_frame.f_code, self._failed.tb_lineno) if self._failed else None

    @property
    def failed_with(self) -> Mapping[str, Any]:
        """The variables there."""
        return {**self._failed.tb_frame.f_globals, **self._failed.tb_frame.f_locals} if self._failed else {}

    # --- names and places ---

    @cached_property
    def names(self) -> Names:
        """The names of all leaves."""
        paths: dict[str, Any] = {}
        leaves = list(dict.fromkeys([*self.reached, *self.tried, *self._leaves]))
        for path, thing in self.belongings:
            if isinstance(thing, Value):
                paths.setdefault(path, thing)
        return Names(leaves, paths)

    @cached_property
    def _leaves(self) -> list[Value]:
        return [thing for _, thing in self.belongings if isinstance(thing, Value) and thing.is_leaf]

    def name(self, leaf: Value) -> str:
        """Return a leaf's name; if it has none, that of its place."""
        return self.names[leaf]

    def listed(self, leaves: Iterable[Value]) -> str:
        """Return the names of leaves as part of a sentence."""
        return listed(map(self.name, leaves), MAX_LISTED)

    @cached_property
    def _main(self) -> set[Any]:
        return {code for each in self.passes for code, _ in each.places}

    def statement(self, places: Places) -> Source | None:
        """Return the statement of some places that stands in a function that also calls backward()."""
        chosen = next((place for place in places if place[0] in self._main), places[0] if places else None)
        return source_at(*chosen) if chosen else None

    def innermost(self, places: Places) -> Source | None:
        """Return the statement of the program at which something happened."""
        return source_at(*places[0]) if places else None

    def root_name(self, each: Pass) -> str:
        """Return how the program calls the root of a pass: the name before ``.backward()``."""
        source = self.innermost(each.places)
        text = source.text if source else ""
        before = text.partition(".backward")[0]
        return before if before != text and before.replace("_", "").replace(".", "").isalnum() else each.label

    # --- graphs ---

    @cached_property
    def kept(self) -> list[Pass]:
        """The passes whose graphs were kept."""
        return [each for each in self.passes if each.order and each.order[-1].inputs]

    def terms(self, each: Pass) -> list[Term]:
        """Return the terms of the loss of a pass."""
        if each not in self._terms:
            assert each.order
            self._terms[each] = terms_of(each.order[-1], self.is_plain)
        return self._terms[each]

    def compared(self, each: Pass) -> list[Term]:
        """Return those that compare an output with a target."""
        return [term for term in self.terms(each) if term.kind in ("error", "surprise")]

    @cached_property
    def _terms(self) -> dict[Pass, list[Term]]:
        return {}

    def case(self, each: Pass) -> Case:
        """Return the graph of a pass as a case, with the numbers of that time."""
        if each not in self._cases:
            assert each.order
            parameters = [leaf for leaf in each.leaves if leaf in self._parameters]
            numbers = dict(zip(each.leaves, each.numbers, strict=True))
            self._cases[each] = Case(each.order[-1], parameters, self.losses, self.variables, numbers)
        return self._cases[each]

    @cached_property
    def _cases(self) -> dict[Pass, Case]:
        return {}

    @cached_property
    def by_leaf(self) -> dict[Value, list[Change | Reset | Pass]]:
        """What happened to each trained leaf, in order."""
        found: dict[Value, list[Change | Reset | Pass]] = {leaf: [] for leaf in self.tried}
        events: list[Any] = sorted([*self.passes, *self.changes, *self.resets], key=lambda event: event.time)
        for event in events:
            for leaf in event.leaves if isinstance(event, Pass) else [event.leaf]:
                if leaf in found:
                    found[leaf].append(event)
        return found


def belongings_of(variables: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield all things that variables lead to, each once, the nearest first."""
    waiting: list[tuple[str, Any]] = [(name, thing) for name, thing in variables.items() if not name.startswith("__")]
    seen: set[int] = set()
    for path, thing in waiting:
        if id(thing) in seen or len(seen) > MAX_BELONGINGS:
            continue
        if isinstance(thing, Value):
            seen.add(id(thing))
            yield path, thing
        elif isinstance(thing, list | tuple | dict):
            seen.add(id(thing))
            yield path, thing
            items = thing.items() if isinstance(thing, dict) else enumerate(thing)
            waiting += [(f"{path}[{key!r}]", item) for key, item in items if not isinstance(item, int | float | str)]
        elif hasattr(thing, "__dict__") and not isinstance(thing, CODE):
            seen.add(id(thing))
            yield path, thing
            waiting += [(f"{path}.{name}", item) for name, item in vars(thing).items() if not name.startswith("_")]
