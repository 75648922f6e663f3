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

from ...support.text import counted
from ..blocks import Matrix, affine
from ..lowering import Lowered, Sum
from ..plan import Plan
from .functions import Functions
from .gates import Gates
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
        given = [(self.columns(slots), {self.place[slot][0] for slot in slots}) for slots in step.operands()]
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
        columns = list(zip(*(part.pairs for part in step.parts), strict=True))
        if length > 3:
            left = self.columns([a for part in step.parts for a, _ in part.pairs])
            right = self.columns([b for part in step.parts for _, b in part.pairs])
            return f"_sums({left}, {right}, {len(step.parts)})"
        text = ""
        for pairs in columns:  # the same place of all sums
            ours, theirs = [a for a, _ in pairs], [b for _, b in pairs]
            sign = " + " if text else ""
            if all(slot in (one, minus_one) for slot in (*ours, *theirs)):
                term = f"({self.columns(ours)} * {self.columns(theirs)})"
            elif set(theirs) == {one} or set(ours) == {one}:
                term = self.columns(ours if set(theirs) == {one} else theirs)
            elif set(theirs) == {minus_one}:
                term, sign = self.columns(ours), " - " if text else "-"
            else:
                term = f"({self.columns(ours)} * {self.columns(theirs)})"
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
            f'"""{head}"""', prelude(language) if language != "onnx" else "", *self.functions.texts.values(),
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


def _number(number: float) -> str:
    return repr(float(number)).replace("nan", "np.nan").replace("inf", "np.inf")
