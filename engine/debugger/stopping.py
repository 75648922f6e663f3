"""Commands that say where to stop."""

from __future__ import annotations

from typing import Any

from ..ops import TABLE
from ..support.text import counted, near_misses
from .condition import Formula
from .moving import Moving
from .session import CommandError


class Stopping(Moving):
    """Set, list and delete breakpoints and watches."""

    def do_break(self, argument: str) -> None:
        """Stop at a node, an operation, a step, or where a condition holds.

        break                        list what stops a run
        break NAME [if CONDITION]    where the node is made and where its gradient is carried on; a leaf: is reached
        break NUMBER                 before this step, see list
        break op tanh [if CONDITION] at nodes of this operation
        break if |grad| > 1          after any step with which this holds

        A condition speaks of a.data and a.grad of nodes, and of the step: grad (of the node it reaches, after it),
        data, local, upstream, contribution, before, after, step; with and, or, not, isnan(x), isinf(x).
        """
        self._break(argument)

    def do_tbreak(self, argument: str) -> None:
        """Stop as break does, but only once.

        tbreak ...
        """
        self._break(argument, once=True)

    def _break(self, argument: str, **more: Any) -> None:
        if not argument:
            self.do_info("")
            return
        where, condition = _parted(argument)
        if condition:
            more["condition"] = Formula(condition, self.session.places)
        stop = self.session.add(argument, **self._about(where), **more)
        self.say(f"breakpoint {stop.number}: {stop.said}")

    def _about(self, where: str) -> dict[str, Any]:
        """Return what a breakpoint is about."""
        word, _, operation = where.partition(" ")
        if where in self.session.places:
            return {"place": self.session.places[where]}
        if where.isdecimal():
            return {"index": self.position_of(where)}
        if word == "op":
            return {"op": self._operation(operation.strip())}
        return {"place": self.session.place_of(where)} if where else {}

    def _operation(self, name: str) -> str:
        known = {each for node in self.session.walk.order if node.op for each in (node.op.name, node.op.symbol)}
        if name not in known:
            others = near_misses(name, known) or f"; it has {', '.join(sorted(known & {*TABLE})) or 'none'}"
            raise CommandError(f"{name or 'op'} is no operation of this graph{others}")
        return name

    def do_watch(self, argument: str) -> None:
        """Stop after each step that changes the gradient of a node.

        watch NAME
        """
        if not argument:
            raise CommandError("name a node: watch NAME")
        stop = self.session.add(f"{argument}.grad changes", place=self.session.place_of(argument), changes=True)
        self.say(f"watch {stop.number}: {stop.said}")

    def do_delete(self, argument: str) -> None:
        """Delete a breakpoint or a watch, or all of them.

        delete [NUMBER]
        """
        if argument and argument not in map(str, self.session.stops):
            raise CommandError(f"there is no breakpoint {argument}; info lists them")
        for number in [int(argument)] if argument else list(self.session.stops):
            self.say(f"deleted {number}: {self.session.stops.pop(number).said}")

    def do_info(self, argument: str) -> None:
        """List breakpoints and watches, and numbers that were set.

        info
        """
        kinds = [f"{stop.kind} {stop.number}: {stop.said}" for stop in self.session.stops.values()]
        hits = [f"   (stopped {counted(stop.hits, 'time')})" * bool(stop.hits) for stop in self.session.stops.values()]
        self.say([kind + hit for kind, hit in zip(kinds, hits, strict=True)] or "no breakpoints; break NAME sets one")
        leaves = self.session.walk.order
        self.say(f"set: {self.session.names[place]} = {leaves[place].data:.6g}" for place in self.session.changed)


def _parted(argument: str) -> tuple[str, str]:
    """Return where to stop, and the condition."""
    where, word, condition = f" {argument} ".partition(" if ")
    if word and not condition.strip():
        raise CommandError("say when: break if |grad| > 1")
    return where.strip(), condition.strip()
