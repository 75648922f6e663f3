"""Commands that move through time."""

from __future__ import annotations

from collections.abc import Sequence

from ..notation.expression import number
from .nodes import comparison
from .session import CommandError, Stop
from .shell import Shell
from .statements import account, arrow

MOST_TOLD = 10  # steps that are told when several are taken at once
MOST_COUNTED = 999_999_999


class Moving(Shell):
    """Take steps, forward and back, and change numbers on the way."""

    listed: int | None = None  # up to where the program was listed since the last move

    def arrive(self, told: int, stops: Sequence[Stop] = ()) -> None:
        """Tell the steps taken from one on, what stopped the run, and what comes next."""
        self.tell(range(told, self.session.position))
        for stop in stops:
            self.say(f"{stop.kind} {stop.number}: {stop.said}", "stop")
        self.here()

    def here(self) -> None:
        """Say what comes next, and what is displayed."""
        self.listed = None
        self.say(arrow(self.session), "next")
        self.show()

    def show(self) -> None:
        """Say what somebody wants to see after every move."""

    def tell(self, indices: range) -> None:
        """Tell steps, the last ones of many."""
        if len(indices) > MOST_TOLD:
            self.say(f"... {len(indices) - MOST_TOLD:,} steps ...")
        for step in map(self.session.walk.__getitem__, indices[-MOST_TOLD:]):
            first, *more = account(self.session, step)
            self.say(first, step.kind)
            self.say(more)

    def run_to(self, target: int) -> None:
        """Run to a position, or to where something stops it, and tell the last step if it went forward."""
        since = self.session.position
        self._require_other(target)
        stops = self.session.run(target)
        self.arrive(max(since, self.session.position - 1), stops)

    def _require_other(self, target: int) -> None:
        if target == self.session.position:
            raise CommandError("this is the end; back goes back" if target else "this is the beginning; next goes on")

    def do_next(self, argument: str) -> None:
        """Take the next step, or several, and tell each.

        next [COUNT]
        """
        since = self.session.position
        target = min(since + _count(argument), self.session.end)
        self._require_other(target)
        self.arrive(since, self.session.run(target))

    def do_back(self, argument: str) -> None:
        """Undo the last step, or several.

        back [COUNT]
        """
        self.run_to(max(self.session.position - _count(argument), 0))

    def do_continue(self, argument: str) -> None:
        """Run to the next breakpoint, watch or condition, else to the end.

        continue
        """
        self.run_to(self.session.end)

    def do_reverse_continue(self, argument: str) -> None:
        """Run back to the breakpoint before, else to the beginning.

        reverse-continue
        """
        self.run_to(0)

    def do_until(self, argument: str) -> None:
        """Run until a node is done, or to a step.

        until          until the node of the next step is done: made, or its gradient carried on to all its operands
        until NAME     until this node is made, or else until its gradient is complete
        until NUMBER   until this step comes next
        """
        target = self.session.end_of_node() if not argument else self._end_of(argument)
        if argument and target <= self.session.position:
            raise CommandError(f"{argument} is over already; goto, back and reverse-continue go back")
        self.run_to(target)

    def _end_of(self, argument: str) -> int:
        if argument not in self.session.places and argument.isdecimal():
            return self.position_of(argument)
        return self.session.end_of(self.session.place_of(argument))

    def do_finish(self, argument: str) -> None:
        """Run to the end of this pass, forward or backward.

        finish
        """
        self.run_to(self.session.end_of_pass())

    def do_goto(self, argument: str) -> None:
        """Go to a step without stopping on the way.

        goto NUMBER | end
        """
        self.session.position = self.session.end if argument == "end" else self.position_of(argument)
        self.here()

    def position_of(self, argument: str) -> int:
        """Return the position that somebody typed.

        Raises:
            CommandError: there is no such.
        """
        position = _whole(argument)
        if position is None or position > self.session.end:
            raise CommandError(f"a step is a number from 0 to {self.session.end}, not {argument[:40] or 'nothing'}")
        return position

    def do_set(self, argument: str) -> None:
        """Try another number in a leaf: what would change?

        set NAME=NUMBER   the position stays, and so does the graph of your program
        """
        name, equals, text = argument.rpartition("=")
        if not (equals and text.strip()):
            raise CommandError("write for instance set a=2")
        place = self.session.place_of(name.strip())
        node = self.session.walk.order[place]
        if node.inputs:
            operands = " or ".join(dict.fromkeys(map(self.session.called, node.inputs)))
            raise CommandError(f"{name.strip()} is computed; set {operands}")
        before = self.session.set({place: number(text)})
        self.say(comparison(self.session, before))
        self.here()

    def do_restart(self, argument: str) -> None:
        """Go back to the beginning and to the original numbers; breakpoints stay.

        restart
        """
        self.session.unset()
        self.session.position = 0
        self.here()


def _count(argument: str) -> int:
    """Return how often somebody wants something."""
    count = _whole(argument or "1")
    if not count:
        raise CommandError(f"how many steps is a number from 1 to {MOST_COUNTED:,}, not {argument[:40]}")
    return count


def _whole(text: str) -> int | None:
    """Return a whole number that somebody typed; None if it is none, or too large."""
    return int(text) if text.isdecimal() and len(text) <= len(str(MOST_COUNTED)) else None
