"""The source of a program as a function of arrays, in the words that JAX, PyTorch and NumPy have in common.

``loss(inputs, parameters)`` takes an array whose last dimension is the inputs and another one of the parameters, and
returns the losses of all samples. What each language calls the few words that a source needs stands in its prelude.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import chain, groupby
from pathlib import Path

from ...notation.formulas import operations_in
from ...operation import Operation
from ...support.text import counted
from ..blocks import Matrix, affine
from ..lowering import Lowered, Sum
from ..plan import Plan, derivatives
from .functions import Functions
from .steps import Step, steps

MAX_JOINED = 6  # runs of columns that are joined one by one
BACKPROPAGATE = '''def backpropagate(inputs, parameters):
    """Return the loss of each sample, and the gradients of their sum with respect to inputs and parameters."""
    x, p = _arrays(inputs, parameters)
    with np.errstate(all="ignore"):
        out = outputs(x, p)[..., 0]
        out.backward()
    return out.numbers, *(np.zeros(a.shape) if a.gradient is None else a.gradient for a in (x, p))'''


@lru_cache(maxsize=8)
def prelude(language: str) -> str:
    """Return what a source begins with in a language: the imports, and the words that it is written in."""
    return Path(__file__).with_name("preludes").joinpath(f"{language}.txt").read_text(encoding="utf-8").strip()


class Source:
    """A plan as functions of arrays.

    Args:
        plan: what to compute, without backward pass.

    Raises:
        OperationError: an operation cannot be translated; the message names it.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan, self.lowered = plan, Lowered(plan, samples=True)
        self.functions, self.indices = Functions(), dict[str, str]()
        self.steps = steps(self.lowered)
        self.widths = {"p": len(plan.parameters), "x": len(plan.inputs), "c": len(self.lowered.constants)}
        lowered = self.lowered
        self.place: dict[int, tuple[str, int]] = {}
        for name, first in (("p", lowered.parameters), ("x", lowered.inputs)):
            self.place.update((first + i, (name, i)) for i in range(self.widths[name]))
        self.place.update((slot, ("c", i)) for i, slot in enumerate(lowered.constants))
        self.varying = {"x"}
        for number, step in enumerate(self.steps, 1):
            name = f"v{number}"
            self.widths[name] = len(step.out)
            self.place.update((slot, (name, i)) for i, slot in enumerate(step.out))
            if lowered.varies[step.out[0]]:
                self.varying.add(name)
        gates = Gates(self)
        lines = list(chain.from_iterable(self._step(number, step, {}) for number, step in enumerate(self.steps, 1)))
        self.masks: list[str] = []
        if gates.gated:
            self.masks = [*lines, *gates.lines()]
            lines = list(
                chain.from_iterable(self._step(number, step, gates.gated) for number, step in enumerate(self.steps, 1))
            )
        self.lines = lines
        self.result = self.columns(lowered.roots)

    # --- columns ----------------------------------------------------------------------------------------

    def columns(self, slots: Sequence[int]) -> str:
        """Return the text of an array with the columns of some slots."""
        return self.at([self.place[slot] for slot in slots])

    def at(self, places: Sequence[tuple[str, int]]) -> str:
        """Return the text of an array with some columns of others."""
        runs = [(name, [column for _, column in run]) for name, run in groupby(places, key=lambda place: place[0])]
        if len(runs) == 1:
            return self._part(*runs[0])
        if len(runs) <= MAX_JOINED:
            return f"_join({', '.join(self._part(name, columns) for name, columns in runs)})"
        found: dict[str, dict[int, int]] = {}
        for name, column in places:
            found.setdefault(name, {}).setdefault(column, 0)
        start = 0
        for known in found.values():
            for i, column in enumerate(known):
                known[column] = start + i
            start += len(known)
        joined = ", ".join(self._part(name, list(known)) for name, known in found.items())
        joined = f"_join({joined})" if len(found) > 1 else joined
        order = [found[name][column] for name, column in places]
        return joined if order == list(range(start)) else f"_at({joined}, {self._index(order)})"

    def _part(self, name: str, columns: list[int]) -> str:
        first, count = columns[0], len(columns)
        if columns == list(range(first, first + count)):
            return name if count == self.widths[name] else f"_cut({name}, {first}, {first + count})"
        return f"_at({name}, {self._index(columns)})"

    def _index(self, columns: list[int]) -> str:
        text = json.dumps(columns)
        return self.indices.setdefault(text, f"_I{len(self.indices) + 1}")

    def _table(self, rows: Sequence[Sequence[int]]) -> str:
        """Return the text of a matrix of numbers that are equal for all samples."""
        places = [[self.place[slot] for slot in row] for row in rows]
        names = {name for row in places for name, _ in row}
        height, width = len(rows), len(rows[0])
        if len(names) == 1:
            (name,) = names
            columns = [[column for _, column in row] for row in places]
            found = affine(columns)
            if found:
                first, down, across = found
                if across == 1 and down >= width and first + height * down <= self.widths[name]:
                    return f"_window({name}, {first}, {height}, {down}, {width})"
                if down == 1 and across >= height and first + width * across <= self.widths[name]:
                    return f"_window({name}, {first}, {width}, {across}, {height}).T"
        return f"_grid({self.at(list(chain.from_iterable(places)))}, {height}, {width})"

    # --- steps ------------------------------------------------------------------------------------------

    def _step(self, number: int, step: Step, gated: dict[int, str]) -> Iterable[str]:
        name, first = f"v{number}", step.parts[0]
        if isinstance(first, Matrix):
            weights, start = self._table(first.weights), self.columns(first.start) if first.start else "None"
            terms = self.columns(list(chain.from_iterable(part.terms for part in step.parts)))
            if len(step.parts) == 1:
                yield f"{name} = _matrix({terms}, {weights}, {start})"
            else:
                yield f"{name} = _matrices({terms}, {weights}, {start}, {len(step.parts)})"
            return
        if isinstance(first, Sum):
            yield f"{name} = {self._sums(step)}"
            return
        given = [(self.columns(slots), {self.place[slot][0] for slot in slots}) for _, slots in step.operands()]
        texts = [text for text, _ in given]
        varies = [bool(names & self.varying) for _, names in given]
        function = self.functions.name(first.operation)
        if all(varies) or not any(varies):
            operands = texts
        else:
            operands = [f"o{place}" for place in range(1, len(texts) + 1)]
            yield f"{', '.join(operands)} = _alike({', '.join(texts)})"
        if number in gated:
            operands = [f"_gate({gated[number]}, {operand})" for operand in operands]
            yield f"{name} = _gate({gated[number]}, {function}({', '.join(operands)}))"
        else:
            yield f"{name} = {function}({', '.join(operands)})"

    def _sums(self, step: Step) -> str:
        one, minus_one = self.lowered.one, self.lowered.minus_one
        length = len(step.parts[0].pairs)
        if length == 0:
            return self.columns([self.lowered.zero] * len(step.parts))
        columns = list(zip(*(part.pairs for part in step.parts), strict=True))
        if length > 3:
            left = self.columns([a for part in step.parts for a, _ in part.pairs])
            right = self.columns([b for part in step.parts for _, b in part.pairs])
            return f"_sums({left}, {right}, {len(step.parts)})"
        text = ""
        for pairs in columns:  # the same place of all sums
            left, right = [a for a, _ in pairs], [b for _, b in pairs]
            sign = " + " if text else ""
            if all(slot in (one, minus_one) for slot in (*left, *right)):
                term = f"({self.columns(left)} * {self.columns(right)})"
            elif set(right) == {one} or set(left) == {one}:
                term = self.columns(left if set(right) == {one} else right)
            elif set(right) == {minus_one}:
                term, sign = self.columns(left), " - " if text else "-"
            else:
                term = f"({self.columns(left)} * {self.columns(right)})"
            text += sign + term
        return text

    # --- text -------------------------------------------------------------------------------------------

    def text(self, language: str, head: str, main: str = "") -> str:
        """Return the whole source in a language, behind a sentence and before what a program prints."""
        constants = ", ".join(map(_number, self.lowered.constants.values()))
        given = ["x, p = _arrays(inputs, parameters)", f"c = _constants([{constants}], p)"]
        masks: list[str] = []
        if self.masks:
            masks = ["def _masks(x, p, c):", *(f"    {line}" for line in self.masks)]
            given.append("m = _masks(x, p, c)")
        body = [f"    {line}" for line in (*given, *self.lines, f"return _spread({self.result}, x)")]
        result = "outputs(inputs, parameters)" + (".numbers" if language == "numpy" else "")
        parts = [
            f'"""{head}"""', prelude(language), *self.functions.texts.values(),
            "\n".join(f"{name} = _index({text})" for text, name in self.indices.items()),
            "\n".join(masks),
            "\n".join(["def outputs(inputs, parameters):", *body]),
            f'''def loss(inputs, parameters):
    """Return the loss of each sample.

    Args:
        inputs: an array whose last dimension is the {counted(len(self.plan.inputs), "input")}; the others are samples.
        parameters: an array of {counted(len(self.plan.parameters), "parameter")}.
    """
    return {result}[..., 0]''',
            BACKPROPAGATE if language == "numpy" else "", main,
        ]  # fmt: skip
        return "\n\n\n".join(filter(None, parts)) + "\n"


class Gates:
    """Which nodes are alive: those along which a gradient arrives at all.

    Where an operation does not choose an operand, nothing is passed on to it, not even 0 * infinity. Libraries of
    arrays pass on 0 there. So operations that may have no derivative are shut off where they are not alive, if that
    can happen: the gates of a step are truths, computed from the values like a backward pass.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.consumers: dict[int, list[tuple[int, int, int | None]]] = {}  # step, column, operand or None for a sum
        for number, step in enumerate(source.steps):
            for column, part in enumerate(step.parts):
                if isinstance(part, Matrix):
                    for row in range(len(part.out)):
                        for slot in part.terms:
                            self.consumers.setdefault(slot, []).append((number, column * len(part.out) + row, None))
                elif isinstance(part, Sum):
                    for slot in part.reads:
                        self.consumers.setdefault(slot, []).append((number, column, None))
                else:
                    for place, slot in enumerate(part.arguments[: part.operation.arity]):
                        self.consumers.setdefault(slot, []).append((number, column, place))
        self.always = self._always()
        self.gated = {
            number: f"m[{number - 1}]"
            for number, step in enumerate(source.steps, 1)
            if step.operation is not None and _may_fail(step.operation)
            if not all(slot in self.always for slot in step.out)
        }

    def _always(self) -> set[int]:
        """Return the slots that a gradient arrives at for all numbers."""
        steps, functions = self.source.steps, self.source.functions
        found: set[int] = set()
        roots = set(self.source.lowered.roots)
        for number in range(len(steps) - 1, -1, -1):
            for slot in steps[number].out:
                edges = self.consumers.get(slot, [])
                if slot in roots or any(
                    steps[user].out[column] in found and (place is None or not _may_be_flat(steps[user], place, functions))
                    for user, column, place in edges
                ):
                    found.add(slot)
        return found

    def lines(self) -> Iterable[str]:
        """Yield the lines that compute the gates of all steps that have some, and of those between."""
        source, needed = self.source, self._needed()
        yield "t = _truths()"
        for number in range(len(source.steps), 0, -1):
            step = source.steps[number - 1]
            if number in needed:
                arriving = []
                for slot in step.out:
                    edges = [] if slot in self.always else self.consumers.get(slot, [])
                    arriving.append([self._edge(edge) for edge in edges] or ["True" if slot in self.always else "False"])
                yield from self._alive(number, step, arriving)
        yield "return {" + ", ".join(f"{number - 1}: _still(g{number})" for number in sorted(self.gated)) + "}"

    def _needed(self) -> set[int]:
        """Return the numbers of the steps whose truths are read."""
        found: set[int] = set()
        waiting = list(self.gated)
        while waiting:
            number = waiting.pop()
            if number not in found:
                found.add(number)
                for slot in self.source.steps[number - 1].out:
                    if slot not in self.always:
                        waiting += [user + 1 for user, _, _ in self.consumers.get(slot, [])]
        return found

    def _edge(self, edge: tuple[int, int, int | None]) -> str:
        number, column, place = edge
        return f"{number + 1}:{column}:{'' if place is None else place}"

    def _alive(self, number: int, step: Step, arriving: list[list[str]]) -> Iterable[str]:
        """Yield the lines for a step: its truths ``g``, and ``e`` for each operand along which something is passed."""
        source = self.source
        most = max(map(len, arriving))
        parts = []
        for turn in range(most):
            places = []
            for edges in arriving:
                edge = edges[turn] if turn < len(edges) else "False"
                if edge in ("True", "False"):
                    places.append(("t", int(edge == "True")))
                else:
                    user, column, place = edge.split(":")
                    places.append((f"e{user}_{place}" if place else f"g{user}", int(column)))
            for name, _ in places:
                source.widths.setdefault(name, 2 if name == "t" else len(source.steps[int(name[1:].split("_")[0]) - 1].out))
            parts.append(source.at(places))
        yield f"g{number} = _like({' | '.join(f'({part})' for part in parts)}, v{number})"
        if step.operation is not None:
            texts = [source.columns(slots) for _, slots in step.operands()]
            operands = [f"o{place}" for place in range(1, len(texts) + 1)]
            written = False
            for place in range(step.operation.arity):
                flat = source.functions.flatness(step.operation, place, operands, f"v{number}")
                if flat and flat != "True" and not written:
                    written = True
                    yield f"{', '.join(operands)}, _ = _alike({', '.join([*texts, f'v{number}'])})"
                alive = "" if flat is None else f" & _not({flat})" if flat != "True" else " & False"
                yield f"e{number}_{place} = g{number}{alive}"


def _may_be_flat(step: Step, place: int, functions: Functions) -> bool:
    assert step.operation is not None
    names = [f"o{i}" for i in range(step.operation.arity)]
    return functions.flatness(step.operation, place, names, "out") is not None


@lru_cache(maxsize=1024)
def _may_fail(operation: Operation) -> bool:
    """Return whether a local derivative may not exist, or not be finite, where the value is."""
    used = set().union(*(operations_in(rule) for rule in derivatives(operation)))
    return any(each.domain for each in used)


def _number(number: float) -> str:
    return repr(float(number)).replace("nan", "np.nan").replace("inf", "np.inf")
