"""What the step page shows: the boxes of a picture, and a scene for each step, as data for its script.

A scene is a step of the walk, in the walk's order. Where a box shows many values, one scene is all that happens along
one arrow, or inside one box.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ..backprop import Backward
from ..drawing import style as look
from ..drawing.picture import FOLDS, Box, Picture, Use
from ..steps.walk import Forward, Moment, Seed, Walk
from ..support.numbers import format_range
from ..support.text import counted
from ..value import Value
from ..words.names import Names
from .formulas import Formulas
from .wiring import Wiring

Data = dict[str, Any]
TINTS = [*look.LIGHT.tints, look.LIGHT.strange]


class Scenes:
    """Hold what a page shows of a picture, in each step of a walk.

    Numbers that are not finite are texts, since JSON has no sign for them.

    Attributes:
        boxes: for each box of the picture its ``name`` in the drawing; what it is ``called``, also as ``math``; its
            number, ``data``; its gradient before the seed, ``start``, and after it, ``zero``; where its Value was
            made, ``source``, and in which ``scope``; its ``kind``, and its ``fill`` without a gradient.
        scenes: for each step its ``kind``; the ``box`` whose number changes and that ``through`` which it comes; the
            ``arrows`` and ``shapes`` that light up; the ``line`` of a program; the new number as the drawing has it,
            ``shown``, with its ``tint``; and what there is to say about the step.
    """

    def __init__(self, picture: Picture, walk: Walk, names: Names) -> None:
        self.picture, self.walk = picture, walk
        self._wiring = Wiring(picture)
        titles = {node: _title(box) for box in picture.boxes if box.is_several for node in box.members}
        self._formulas = Formulas(names, titles, self._data)
        earlier = walk.at(0)
        self._grads = {node: earlier.grad(node) or 0.0 for node in walk.order}
        self.boxes = [self._box(box, earlier) for box in picture.boxes]
        self._taken = {(step.node, step.position): step for step in walk if isinstance(step, Backward)}
        order = self._wiring.order()
        self.scenes = [*map(self._forward, order), self._seed(), *self._backward(order[::-1])]

    def data(self) -> Data:
        """Return all of it."""
        return {"root": self._wiring.root, "tints": TINTS, "boxes": self.boxes, "scenes": self.scenes}

    def room(self) -> list[tuple[str, ...]]:
        """Return for each box the gradients that it comes to show."""
        found: list[dict[str, None]] = [dict.fromkeys((box["start"], box["zero"])) for box in self.boxes]
        for scene in self.scenes:
            if scene["kind"] != "forward":
                found[scene["box"]][scene["shown"]] = None
        return list(map(tuple, found))

    def _data(self, node: Value) -> float:
        step = self.walk[self.walk.made_in(node)]
        assert isinstance(step, Forward)
        return step.data

    # --- boxes ----------------------------------------------------------------------------------------

    def _box(self, box: Box, earlier: Moment) -> Data:
        node, is_one, rows = box.members[0], not box.is_several, dict(box.rows)
        range_of_all = rows.get("out") or rows.get("data") or rows.get("", "")
        known = [x for node in box.members if (x := earlier.grad(node)) is not None]
        return {
            "name": box.name,
            "called": self._formulas.name(node) if is_one else _title(box),
            "math": self._formulas.name_in_math(node),
            "data": _number(self._data(node)) if is_one else range_of_all,
            "start": format_range(known) if known else "",
            "zero": format_range([self._grads[node] for node in box.members]),
            "source": _source(node) if is_one else "",
            "scope": " / ".join(box.scope),
            "fill": look.of_kind("root" if box.is_root else box.kind, look.LIGHT).fill,
            "kind": box.kind,
        }

    # --- steps ----------------------------------------------------------------------------------------

    def _forward(self, place: int) -> Data:
        box, called = self.picture.boxes[place], self.boxes[place]["called"]
        node, arrows = box.members[0], self._wiring.into[place]
        operands = [self._wiring.tail(number) for number in arrows]
        scene = {"kind": "forward", "box": place, "through": place, "operands": operands, **self._lit(place, arrows)}
        if box.kind == "constant":
            return {**scene, "line": f"constant {called}"}
        if not arrows:
            return {**scene, "line": f"{called} = {format_range([self._data(member) for member in box.members], _six)}"}
        if not self._wiring.is_operation(place):
            what = " = the sum of all" if place in self._wiring.ellipses else ": all that is inside"
            return {**scene, "line": called + what}
        written = self._formulas.value(node)
        scene |= {"line": f"{called} = {written.text}", "math": written.math}
        if not box.is_several:
            scene |= {"numbers": written.numbers, "locals": list(map(_number, node.local_grads))}
        return scene

    def _seed(self) -> Data:
        step = self.walk[self.walk.seed_index]
        assert isinstance(step, Seed)
        self._grads[step.node] = step.after
        line = f"{self._formulas.name(step.node)}.grad {'=' if step.node.inputs else '+='} {step.seed:.6g}"
        root = self._wiring.root
        scene = {
            "kind": "seed",
            "box": root,
            "through": root,
            "line": line,
            **self._lit(root, []),
            **self._changed(root),
        }
        return {**scene, "before": _number(step.before), "contribution": _number(step.seed)}

    def _backward(self, order: Sequence[int]) -> Iterator[Data]:
        for place in order:
            if inner := self._inner_uses(place):
                self._hand_on(inner)
                yield self._within(place, len(inner))
            for number in self._wiring.into[place]:
                yield self._along(number, place)

    def _inner_uses(self, place: int) -> list[Use]:
        """Return the uses of a box's Values by others in the same box, the last first."""
        box = self.picture.boxes[place]
        members = set(box.members) if box.kind in FOLDS else set()
        uses = [(x, node, at) for node in reversed(box.members) for at, x in enumerate(node.inputs)]
        return [use for use in uses if use[0] in members]

    def _within(self, place: int, uses: int) -> Data:
        """Return the scene in which the chain rule is used inside a folded box."""
        line = f"{self.boxes[place]['called']}: {counted(uses, 'step')} of the chain rule inside"
        scene = {"kind": "backward", "box": place, "through": place, "line": line, **self._changed(place)}
        return {**scene, "arrows": [], "shapes": [], "steps": uses}

    def _along(self, number: int, place: int) -> Data:
        """Return the scene in which the chain rule is used along an arrow."""
        flow, tail = self.picture.arrows[number].flow, self._wiring.tail(number)
        operand, node, at = flow[0]
        before = self._grads[operand]
        self._hand_on(flow)
        steps = [self._taken[node, at] for _, node, at in flow]
        line = f"{self.boxes[tail]['called']}.grad += what comes back through {self.boxes[place]['called']}"
        scene = {"kind": "backward", "box": tail, "through": place, "line": line, **self._lit(place, [number])}
        scene |= self._changed(tail)
        if self._wiring.is_operation(place):
            scene["line"] = self._formulas.step(node, at)
            rule = self._formulas.local(node, at, steps[0].local)
            scene |= {"math": rule.math, "numbers": rule.numbers} if rule else {}
        said = {name: [getattr(step, name) for step in steps] for name in ("local", "upstream", "contribution")}
        if len(flow) > 1:
            ranges = {name: format_range(all) for name, all in said.items()}
            return {**scene, "numbers": "", "steps": len(flow), **ranges}
        return {**scene, "before": _number(before), **{name: _number(x) for name, (x,) in said.items()}}

    def _hand_on(self, uses: Iterable[Use]) -> None:
        for operand, node, at in uses:
            self._grads[operand] += self._taken[node, at].contribution

    def _changed(self, place: int) -> Data:
        """Return the gradient of a box as it is now."""
        box = self.picture.boxes[place]
        grads = [self._grads[node] for node in box.members]
        has_tint = not box.is_root and box.kind != "constant"
        tint = look.tint(max(grads, key=_size), self.picture.steepest, look.LIGHT) if has_tint else None
        return {
            "shown": format_range(grads),
            "number": format_range(grads) if box.is_several else _number(grads[0]),
            "tint": None if tint is None else TINTS.index(tint),
        }

    def _lit(self, place: int, arrows: Sequence[int]) -> Data:
        """Return what lights up where arrows lead to a box: they, and the operation before the box."""
        result = self._wiring.result.get(place)
        ellipse = self._wiring.ellipses.get(place)
        return {
            "arrows": [*arrows, result] if arrows and result is not None else arrows,
            "shapes": [ellipse.name] if ellipse else [],
        }


def _title(box: Box) -> str:
    """Return what a box of several Values is called."""
    title = " ".join(box.title.split()) or f"× {len(box.members):,}"
    return f"{box.kind} {title}" if title.startswith("×") else title


def _source(node: Value) -> str:
    """Return the statement that made a node; no more of the path than the file's name, since pages are passed on."""
    return f"{node.source.place}: {node.source.text}".removesuffix(": ") if node.source else ""


def _six(x: float) -> str:
    return f"{x:.6g}"


def _number(x: float) -> float | str:
    """Return a number as JSON can have it."""
    return x if math.isfinite(x) else str(x)


def _size(x: float) -> float:
    return abs(x) if x == x else math.inf
