"""The step page as a widget, whose numbers Python and the reader both set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import DomainError, UsageError
from ..graph import recomputed, record_again
from ..support.text import did_you_mean, printable
from ..value import Value
from .frame import PageFrame, traitlets
from .page import page_on
from .stage import Stage


class StepsWidget(PageFrame):
    """A step page in a notebook.

    Attributes:
        numbers: the numbers that were set, by the names of their nodes; inner nodes, too, which are then cut off from
            their operands. Assign a dictionary to set others.
        value: the root's number with them; None where it has none.
        step: how many steps the page has taken.

    All three are traits: ``widget.observe(function, names="value")`` calls a function when one changes.
    """

    numbers = traitlets.Dict()
    value = traitlets.Any()
    step = traitlets.Int()

    def __init__(self, stage: Stage, height: int, title: str) -> None:
        page = page_on(stage, height, title, ("channel.js",))
        self._walk, self._names, self._order = stage.walk, stage.walk.names, stage.walk.order
        self._places = {node: place for place, node in enumerate(self._order)}
        super().__init__(page=page.html, height=height, title=page.title, value=self._order[-1].data)

    @property
    def gradients(self) -> dict[str, float]:
        """The derivative of the root with respect to each leaf and each number that was set.

        Raises:
            DomainError: an operation has no value with them.
            UndefinedDerivativeError: a derivative does not exist.
        """
        made = record_again(self._order, self._all_numbers())
        made[self._order[-1]].backward()
        given = (node for node in self._order if not made[node].inputs and not node.is_constant)
        return {self._names[node]: made[node].grad or 0.0 for node in given}

    def _all_numbers(self) -> dict[Value, float]:
        recorded = {node: self._walk.numbers.data(node) for node in self._order if not node.inputs}
        return recorded | {self._node(name): number for name, number in self.numbers.items()}

    def _node(self, name: Any) -> Value:
        node: Value | None = self._names.find(name) if isinstance(name, str) else None
        if node is None:
            known = self._names.findable
            raise UsageError(f"no value is called {printable(str(name))}{did_you_mean(name, known)}")
        return node

    @traitlets.validate("numbers")
    def _check(self, proposal: Any) -> dict[str, float]:
        return {self._names[self._node(name)]: float(number) for name, number in proposal["value"].items()}

    @traitlets.observe("numbers")
    def _compute(self, change: Any) -> None:
        try:
            self.value = recomputed(self._order, self._all_numbers())[self._order[-1]]
        except DomainError:
            self.value = None
        self._ask()

    @traitlets.observe("step")
    def _go(self, change: Any) -> None:
        self._ask()

    def _wish(self) -> dict[str, Any]:
        return {"numbers": {self._places[self._node(name)]: x for name, x in self.numbers.items()}, "step": self.step}

    def _hear(self, told: Mapping[str, Any]) -> None:
        """Take what the page tells, as data that might be anything."""
        given = told.get("numbers")
        numbers = {}
        for place, number in given.items() if isinstance(given, dict) else ():
            if str(place).isdecimal() and int(place) < len(self._order) and isinstance(number, int | float):
                numbers[self._names[self._order[int(place)]]] = float(number)
        self.numbers = numbers
        if isinstance(step := told.get("step"), int):
            self.step = step
