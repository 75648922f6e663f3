"""The content of the step page: the boxes of a picture, and a scene for each step, as data for its script.

Formulas say how nodes are computed, in names and in numbers, as text and as MathML.

A scene is a step of the walk, in the walk's order. Where a box shows many values, one scene is all that happens along
one arrow, or inside one box.
"""

import math
import re
from collections import ChainMap, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import count
from typing import Any, NamedTuple, cast

from ..backprop import Backward
from ..drawing import svg as look
from ..drawing.picture import FOLDS, Box, Picture, Use, steepest
from ..name import Names
from ..notation.formulas import Symbol, derivative, partial, product, write_expression, write_number
from ..steps.update import Update
from ..steps.walk import Forward, Seed, Step, Walk
from ..support.text import counted, format_number, format_range, is_close, isolated, latex_of_name
from ..value import Value
from ..words.mistakes import of_step
from .live import Live, live
from .mathml import MINUS, SIGN, mathml
from .updates import plain, update_scenes

Data = dict[str, Any]
Move = tuple[int, int, Sequence[Use], int | None]  # the box that changes, its source, the uses, and their arrow
THROUGH, BOX = "\ua66e", "\ua699"  # rare letters, which stand in sentences for the names of a scene's boxes
PLAIN_NAME = re.compile(r"[\w.\[\]]+")  # others may get brackets in a sentence, so they stand there themselves
TINTS = [*look.LIGHT.tints, look.LIGHT.strange]
MAX_INSIDE = 60  # Values of a box that the page lists
COUNT = re.compile(r"( …)?\s+× [\d,]+$| …$")  # behind the title of a box of several Values

Sign = Callable[[Value], Symbol | float]  # what stands for a node in a formula


class Scenes:
    """The content of a page about a picture, in each step of a walk.

    Numbers that are not finite are texts, since JSON has no sign for them.

    Attributes:
        boxes: for each box of the picture its ``name`` in the drawing; the name that it is ``called`` by, also as
            ``math``; its number, ``data``; its gradient before the seed, ``start``, and after it, ``zero``; the
            ``source`` that made its Value, and the ``scope`` around it; its ``kind``, and ``fill`` without a gradient;
            whether it is ``given``, not computed; and of a box of several Values what is ``inside``, up to
            `MAX_INSIDE`: names, formulas, numbers and gradients, and how many ``more`` there are.
        scenes: for each step its ``kind``; the ``box`` whose number changes and the box ``through`` which the change
            comes; the ``arrows`` and ``shapes`` that light up; the ``line`` of a program; the new number as in the
            drawing, ``shown``, with its ``tint``; the numbers and formulas of the step; whether it is ``spare``, a
            gradient that no training needs; and its ``mistakes``, pairs of a wrong number and the number of a sentence
            about it, in which `THROUGH` and `BOX` stand for names; and ``at``, how many steps the walk has taken when
            it is done; and of an update the number ``before`` and ``after`` it, the ``gradient``, and the places of
            the nodes that are ``updated``. A given number has no step of its own.
    """

    def __init__(
        self, picture: Picture, walk: Walk, names: Names, trained: Collection[Value] = (), optimiser: str = ""
    ) -> None:
        self.picture, self.walk, self._optimiser = picture, walk, optimiser
        self._wiring = Wiring(picture)
        self._order = self._wiring.order()
        self._frames = {scope: at for at, scope in enumerate(sorted(picture.scopes, key=len))}  # as they are drawn
        self._numbers = {step.node: step.data for step in walk if isinstance(step, Forward)}
        self._names, self._end = names, walk.at(len(walk))
        called = {node: names[node] for node in walk.order}
        for box, name in _shared_names(picture, set(called.values())):
            called |= dict.fromkeys(box.members, name)
        self._has_parameters = any(box.kind == "parameter" for box in picture.boxes)
        plain = {box.members[0] for box in picture.boxes if not box.is_several and names.is_number(box.members[0])}
        self._formulas = Formulas(called, self._numbers, plain)
        self._start, self._seeded = walk.at(0), cast("Seed", walk[walk.seed_index])
        self._before = {node: self._start.grad(node) or 0.0 for node in walk.order}  # the backward pass
        self._taken = {(step.node, step.position): step for step in walk if isinstance(step, Backward)}
        self._sentences: dict[str, int] = {}  # about mistakes
        self._places = {node: place for place, node in enumerate(walk.order)}
        given = (node for node in walk.order if node.is_leaf and not names.is_number(node))
        self._updates = [step for step in walk[walk.update_index :] if isinstance(step, Update)]
        trained = [step.node for step in self._updates] or trained
        self._trained = [self._places[node] for node in walk.order if node in trained] or [
            self._places[node] for node in given
        ]

    def data(self) -> Data:
        """Return the content as data for the script."""
        boxes = [
            {key: x for key, x in box.items() if x is not False and (x != "" or key == "data")} for box in self.boxes
        ]
        scenes = [{key: part for key, part in scene.items() if part != ""} for scene in self.scenes]
        found = {"root": self._wiring.root, "tints": TINTS, "boxes": boxes, "scenes": scenes}
        lines = {"rising": look.LIGHT.rising, "falling": look.LIGHT.falling, "arrow": look.LIGHT.arrow}
        return {
            **found,
            "scopes": self._scopes(),
            "foldFill": look.LIGHT.fold_fill,
            "sentences": list(self._sentences),
            "lines": lines,
            "live": self.live.data,
            "reason": self.live.reason,
        }

    @cached_property
    def live(self) -> Live:
        """What the script needs to compute the graph anew."""
        order = self.walk.order
        before = {place: plain(grad) for place, node in enumerate(order) if (grad := self._before[node])}
        shown = {box.members[0] for box in self.picture.boxes if not box.is_several}  # with their numbers
        numbers = (None if node in shown else plain(self._numbers[node]) for node in order)
        return live(order, numbers, before, self._seeded.seed, self._trained, self._updates, self._optimiser)

    def room(self) -> list[tuple[str, ...]]:
        """Return for each box the gradients that it comes to show, as text."""
        grads, boxes, root = dict(self._before), self.picture.boxes, self._wiring.root
        found = [dict.fromkeys((self._grad_at_start(box), _range(box, grads))) for box in boxes]
        grads[self._seeded.node] = self._seeded.after
        found[root][_range(boxes[root], grads)] = None
        for place, _, uses, _ in self._moves():
            self._add(uses, grads)
            found[place][_range(boxes[place], grads)] = None
        return list(map(tuple, found))

    def _scopes(self) -> list[Data]:
        """Return each scope that is drawn as a frame, in the drawing's order: what it is called, and its parent."""
        taken = {box["called"] for box in self.boxes}
        found = list[Data]()
        for scope in self._frames:
            name = plain_name = ".".join(part.replace(" ", "") for part in scope)
            counts = count(2)
            while name in taken:
                name = f"{plain_name}_{next(counts)}"
            taken.add(name)
            parent = self._frames.get(scope[:-1])
            found.append({"called": isolated(name), **({} if parent is None else {"parent": parent})})
        return found

    # --- boxes ----------------------------------------------------------------------------------------

    @cached_property
    def boxes(self) -> list[Data]:
        """The data of each box."""
        return list(map(self._box, self.picture.boxes))

    def _grad_at_start(self, box: Box) -> str:
        known = [x for node in box.members if (x := self._start.grad(node)) is not None]
        return format_range(known) if known else ""

    def _box(self, box: Box) -> Data:
        node, is_one, rows = box.members[0], not box.is_several, dict(box.rows)
        range_of_all = rows.get("out") or rows.get("data") or rows.get("", "")
        source = node.source if is_one else None
        return {
            "name": box.name,
            "called": self._formulas.names[node],
            "math": self._formulas.math(node),
            "data": plain(self._numbers[node]) if is_one else range_of_all,
            "start": self._grad_at_start(box),
            "zero": _range(box, self._before),
            # without the path to its file, since pages are passed on
            "source": f"{source.place}: {source.text}".removesuffix(": ") if source else "",
            "scope": " / ".join(box.scope),
            "fill": look.style_of_kind("root" if box.is_root else box.kind, look.LIGHT).fill,
            "kind": box.kind,
            **({"in": self._frames[box.scope]} if box.scope else {}),
            "given": not any(node.inputs for node in box.members),
            "nodes": [self._places[node] for node in box.members],
            **({"plain": True} if node in self._formulas.plain else {}),
            **({} if is_one else {"inside": list(map(self._inside, box.members[:MAX_INSIDE]))}),
            **({"more": len(box.members) - MAX_INSIDE} if len(box.members) > MAX_INSIDE else {}),
        }

    def _inside(self, node: Value) -> tuple[str, str, float | str, float | str]:
        """Return a node's name, how it is computed, its number, and its gradient at the end."""
        formula = Symbol("", node.op, tuple(Symbol(isolated(self._names[x])) for x in node.inputs))
        text = write_expression(formula) if node.inputs else ""
        return isolated(self._names[node]), text, plain(self._numbers[node]), plain(self._end.grad(node) or 0.0)

    # --- steps ----------------------------------------------------------------------------------------

    @cached_property
    def scenes(self) -> list[Data]:
        """The data of each step."""
        grads = dict(self._before)
        computed = (place for place in self._order if not self.boxes[place]["given"])
        found = [*map(self._forward, computed), self._seed(grads)]
        found += [self._backward(*move, grads) for move in self._moves()]
        called = [box["called"] for box in self.boxes]
        return found + list(update_scenes(self.picture, called, self._places, self._updates, self._names))

    def _moves(self) -> Iterator[Move]:
        """Yield the steps of the chain rule: those along an arrow, and those inside a folded box."""
        for place in reversed(self._order):
            box = self.picture.boxes[place]
            members = set(box.members) if box.kind in FOLDS else set()
            uses = [(x, node, at) for node in reversed(box.members) for at, x in enumerate(node.inputs)]
            if inner := [use for use in uses if use[0] in members]:
                yield place, place, inner, None
            for number in self._wiring.into[place]:
                yield self._wiring.tail(number), place, self.picture.arrows[number].flow, number

    def _forward(self, place: int) -> Data:
        box, called = self.picture.boxes[place], self.boxes[place]["called"]
        node, arrows = box.members[0], self._wiring.into[place]
        operands = [self._wiring.tail(number) for number in arrows]
        scene = {"kind": "forward", "box": place, "through": place, "operands": operands, **self._lit(place, arrows)}
        scene["at"] = max(map(self.walk.made_in, box.members)) + 1
        if not self._wiring.is_operation(place):
            is_sum = place in self._wiring.ellipses
            return {**scene, "line": f"{called} = the sum of all" if is_sum else f"compute {called}"}
        written = self._formulas.value(node)
        scene |= {"line": f"{called} = {written.text}", "math": written.math}
        if not box.is_several:
            scene |= {"numbers": written.numbers, "locals": list(map(plain, node.local_grads))}
            scene["mistakes"] = self._mistakes(self.walk[self.walk.made_in(node)], node.data)
        return scene

    def _seed(self, grads: dict[Value, float]) -> Data:
        step, root = self._seeded, self._wiring.root
        grads[step.node] = step.after
        line = f"{self._formulas.names[step.node]}.grad {'=' if step.node.inputs else '+='} {format_number(step.seed)}"
        scene = {
            "kind": "seed",
            "box": root,
            "through": root,
            "line": line,
            **self._lit(root, []),
            "at": step.index + 1,
        }
        scene |= {**self._changed(root, grads), "before": plain(step.before), "contribution": plain(step.seed)}
        return {**scene, "mistakes": self._mistakes(step, step.seed)}

    def _backward(
        self, place: int, through: int, uses: Sequence[Use], arrow: int | None, grads: dict[Value, float]
    ) -> Data:
        """Return the scene of the chain rule along an arrow, or of all its applications inside a folded box."""
        operand, node, at = uses[0]
        before = grads[operand]
        self._add(uses, grads)
        names = [self.boxes[each]["called"] for each in (place, through)]
        kind = self.picture.boxes[place].kind
        spare = {"spare": True} if kind == "constant" or (kind == "input" and self._has_parameters) else {}
        at_end = max(self._taken[node, at].index for _, node, at in uses) + 1
        scene = {"kind": "backward", "box": place, "through": through, **self._changed(place, grads), **spare}
        scene["at"] = at_end
        scene["uses"] = [number for _, node, at in uses for number in (self._places[node], at)]
        if arrow is None:
            line = f"{names[0]}: {counted(len(uses), 'step')} of the chain rule inside"
            return {**scene, "line": line, "arrows": [], "shapes": [], "steps": len(uses)}
        steps = [self._taken[node, at] for _, node, at in uses]
        scene |= {"line": f"{names[0]}.grad += contribution from {names[1]}", **self._lit(through, [arrow])}
        if self._wiring.is_operation(through):
            scene["line"] = self._formulas.step(node, at)
            rule = self._formulas.local(node, at, steps[0].local)
            scene |= {"math": rule.math, "numbers": rule.numbers} if rule else {}
        said = {name: [getattr(step, name) for step in steps] for name in ("local", "upstream", "contribution")}
        if len(uses) > 1:
            scene |= {name: format_range(all) for name, all in said.items()}
            if not self.picture.boxes[place].is_several:
                total = {"total": plain(sum(said["contribution"])), "sum": plain(grads[operand])}
                scene |= {"before": plain(before), **total}
            return {**scene, "numbers": "", "steps": len(uses)}
        scene["mistakes"] = self._mistakes(steps[0], steps[0].contribution)
        scene |= {"before": plain(before), "sum": plain(grads[operand])}
        return {**scene, **{name: plain(x) for name, (x,) in said.items()}}

    def _mistakes(self, step: Step, answer: float) -> list[tuple[float, int]]:
        """Return the numbers that classic mistakes give in a step, rounded, each with its sentence's number."""
        names = self._formulas.names
        marks = {step.node: THROUGH} | ({step.operand: BOX} if isinstance(step, Backward) else {})
        marks = {node: mark for node, mark in marks.items() if PLAIN_NAME.fullmatch(names[node])}
        found: dict[float, int] = {}
        for slip in of_step(step, ChainMap(marks, names).__getitem__):
            number = float(format_number(slip.number)) if math.isfinite(slip.number) else math.nan
            if number not in found and math.isfinite(number) and not is_close(number, answer, rtol=1e-5):
                found[number] = self._sentences.setdefault(slip.sentence, len(self._sentences))
        return list(found.items())

    def _add(self, uses: Iterable[Use], grads: dict[Value, float]) -> None:
        for operand, node, at in uses:
            grads[operand] += self._taken[node, at].contribution

    def _changed(self, place: int, grads: dict[Value, float]) -> Data:
        box = self.picture.boxes[place]
        of_all, shown, tint = steepest(grads[node] for node in box.members), _range(box, grads), None
        if not box.is_root and box.kind != "constant":
            tint = TINTS.index(look.tint(of_all, self.picture.steepest, look.LIGHT))
        return {"shown": shown, "number": shown if box.is_several else plain(of_all), "tint": tint}

    def _lit(self, place: int, arrows: Sequence[int]) -> Data:
        """Return what lights up when arrows lead to a box: the arrows, and the operation before the box."""
        result, ellipse = self._wiring.result.get(place), self._wiring.ellipses.get(place)
        lit = [*arrows, result] if arrows and result is not None else arrows
        return {"arrows": lit, "shapes": [ellipse.name] if ellipse else []}


def _shared_names(picture: Picture, taken: set[str]) -> Iterator[tuple[Box, str]]:
    """Yield the boxes of several Values with a name for each, such as ``layer1.neuron0``, or ``x0[i]`` for copies."""
    for box in picture.boxes:
        if box.is_several:
            title = COUNT.sub("", " ".join(box.title.split()))
            parts = (*box.scope, title) if box.kind == "scope" else (title,)
            name = plain = title if box.kind == "rest" else ".".join(part.replace(" ", "") for part in parts)
            name = plain = name if box.kind in FOLDS else f"{plain}[i]"
            counts = count(2)
            while name in taken:
                name = f"{plain}_{next(counts)}"
            taken.add(name)
            yield box, name


def _range(box: Box, grads: Mapping[Value, float]) -> str:
    return format_range([grads[node] for node in box.members])


class Wiring:
    """The connections between the boxes of a picture, by their places in it."""

    def __init__(self, picture: Picture) -> None:
        self._picture = picture
        self._place = {box.name[1:]: place for place, box in enumerate(picture.boxes)}  # ellipses have the same numbers
        self._place |= {copy.name[1:]: self._place[copy.original[1:]] for copy in picture.copies}
        self.root = next(place for place, box in enumerate(picture.boxes) if box.is_root)
        self.ellipses = {self._place[ellipse.name[1:]]: ellipse for ellipse in picture.ellipses}  # before the boxes
        self.into: dict[int, list[int]] = defaultdict(list)  # the numbers of the arrows from operands
        self.result: dict[int, int] = {}  # the number of the arrow from a box's operation
        for number, arrow in enumerate(picture.arrows):
            head = self._place[arrow.head[1:]]
            if arrow.flow:
                self.into[head].append(number)
            else:
                self.result[head] = number

    def tail(self, number: int) -> int:
        """Return the box at the tail of an arrow."""
        return self._place[self._picture.arrows[number].tail[1:]]

    def is_operation(self, place: int) -> bool:
        """Return whether a box shows the result of one operation, perhaps of several uses of it."""
        ellipse = self.ellipses.get(place)
        return ellipse is not None and not ellipse.is_sum

    def order(self) -> list[int]:
        """Return the boxes, operands before results, and otherwise in the picture's order.

        Boxes of many values may form a cycle; then the first of them comes first.
        """
        needed = [{self.tail(n) for n in self.into[head]} - {head} for head in range(len(self._picture.boxes))]
        waiting, found = dict.fromkeys(range(len(needed))), []
        while waiting:
            ready = (place for place in waiting if waiting.keys().isdisjoint(needed[place]))
            found.append(next(ready, next(iter(waiting))))
            del waiting[found[-1]]
        return found


class Written(NamedTuple):
    """A formula as text and as MathML; one that would only repeat the resulting number is empty."""

    text: str
    math: str
    numbers: str  # in MathML, with numbers instead of names


class Formulas:
    """The formulas of a graph, from the names and numbers of its nodes.

    Nodes that share a box share a name. The plain numbers among the nodes stand in formulas without a name.

    Attributes:
        names: the name of each node, for a text.
        plain: the plain numbers.
    """

    def __init__(self, names: Mapping[Value, str], numbers: Mapping[Value, float], plain: set[Value]) -> None:
        self._names, self._numbers, self.plain = names, numbers, plain
        self.names = {node: isolated(name) for node, name in names.items()}

    def math(self, node: Value) -> str:
        """Return a node's name or its plain number as MathML."""
        math = mathml(write_expression(self._in_latex(node), latex=True))
        is_negative = node in self.plain and math.startswith("<mo")
        return f"<mrow><mo>(</mo>{math}<mo>)</mo></mrow>".replace(MINUS, SIGN) if is_negative else math

    def value(self, node: Value) -> Written:
        """Return how a node is computed from its operands."""
        return self._written(lambda sign: Symbol("", node.op, tuple(map(sign, node.inputs))), self._numbers[node])

    def local(self, node: Value, place: int, number: float) -> Written | None:
        """Return a local derivative, given its number; None if the operation's rule cannot be read as a formula."""

        def rule(sign: Sign) -> Any:
            return derivative(node.op, place, list(map(sign, node.inputs)), sign(node))

        return None if rule(self._symbol) is None else self._written(rule, number)

    def step(self, node: Value, place: int) -> str:
        """Return the chain rule from a node to one of its inputs as a statement."""
        operand, result = node.inputs[place], self.names[node]
        name = self.names[operand]
        local = derivative(node.op, place, list(map(self._symbol, node.inputs)), self._symbol(node))
        if local is None:
            local = Symbol(partial(result, name))
        return f"{f'({name})' if operand in self.plain else name}.grad += {product(local, f'{result}.grad')}"

    def _written(self, expression: Callable[[Sign], Any], result: float) -> Written:
        said = write_number(result, latex=True)[0]
        latex = write_expression(expression(self._in_latex), latex=True)
        # Numbers as symbols: nothing is simplified, and minus signs get brackets.
        as_it_stands = expression(lambda node: Symbol(write_number(self._numbers[node], latex=True)[0]))
        numbers = write_expression(as_it_stands, latex=True)
        return Written(
            write_expression(expression(self._symbol)),
            "" if latex == said else mathml(latex),
            "" if numbers in (said, latex) else mathml(numbers),
        )

    def _symbol(self, node: Value) -> Symbol | float:
        return self._numbers[node] if node in self.plain else Symbol(self.names[node])

    def _in_latex(self, node: Value) -> Symbol | float:
        return self._numbers[node] if node in self.plain else Symbol(latex_of_name(self._names[node]))
