"""Commands that look, and change nothing."""

from __future__ import annotations

from ..support.text import short
from .condition import Formula
from .nodes import about, data, grad, table, why
from .paths import drawing, tree, where
from .session import CommandError
from .statements import listing
from .stopping import Stopping

AROUND = 5  # lines of the program above and below a place


class Looking(Stopping):
    """Show numbers, the program, the graph, and where a gradient comes from."""

    displays: dict[int, str]
    _displays_made = 0

    def do_print(self, argument: str) -> None:
        """Print a node, a formula, or all numbers of this moment.

        print [NAME | FORMULA]   such as print a, print a.grad * 2, print |local|
        """
        if not argument:
            self.say(table(self.session))
        elif argument in self.session.places:
            self.say(about(self.session, self.session.places[argument]))
        else:
            self.say(f"{argument} = {self._worth(argument)}")

    def _worth(self, text: str) -> str:
        """Return what a formula is at this moment; its words of a step are about the last one."""
        formula = Formula(text, self.session.places)
        found = formula.at(self.session.walk, self.session.position, self.session.moment.last)
        return str(found) if isinstance(found, bool) else short(found, "not known here")

    def do_display(self, argument: str) -> None:
        """Print a node or a formula after every move.

        display [NAME | FORMULA]
        """
        if argument:
            self._displayed(argument)
            self._displays_made += 1
            self.displays[self._displays_made] = argument
        self.show()

    def do_undisplay(self, argument: str) -> None:
        """Print something no longer after every move, or nothing.

        undisplay [NUMBER]
        """
        if argument and argument not in map(str, self.displays):
            raise CommandError(f"there is no display {argument}; display lists them")
        for number in [int(argument)] if argument else list(self.displays):
            del self.displays[number]

    def show(self) -> None:
        """Say what somebody wants to see after every move."""
        self.say(f"{number}: {self._displayed(text)}" for number, text in self.displays.items())

    def _displayed(self, text: str) -> str:
        if text not in self.session.places:
            return f"{text} = {self._worth(text)}"
        node = self.session.walk.order[self.session.places[text]]
        return f"{text} = {data(self.session, node)}, {text}.grad = {grad(self.session, node)}"

    def do_list(self, argument: str) -> None:
        """List the program around the next step.

        A line is a step; B marks breakpoints, and -> what comes next.

        list            around the next step; again: what follows
        list NUMBER     around this step
        list FROM, TO   these steps
        """
        first, last = self._lines(argument)
        if first >= self.session.end:
            raise CommandError("this is the end of the program; list NUMBER lists around a step")
        for step, line in listing(self.session, first, last):
            self.say(
                line,
                "next" if step.index == self.session.position else "to come" * (step.index > self.session.position),
            )
        self.listed = last

    def _lines(self, argument: str) -> tuple[int, int]:
        """Return from which step to list, and up to before which."""
        if not argument and self.listed is not None:
            return self.listed, self.listed + 2 * AROUND + 1
        if "," in argument:
            first, last = (self.position_of(each.strip()) for each in argument.split(",", 1))
            return first, last + 1
        middle = self.position_of(argument) if argument else self.session.position
        first = max(min(middle, self.session.end - 1) - AROUND, 0)
        return first, first + 2 * AROUND + 1

    def do_where(self, argument: str) -> None:
        """Show the path from the root to where the next step is.

        where
        """
        self.say(where(self.session))

    def do_why(self, argument: str) -> None:
        """Show every contribution to the gradient of a node, so far and to come.

        why NAME
        """
        if not argument:
            raise CommandError("name a node: why NAME")
        self.say(why(self.session, self.session.place_of(argument)))

    def do_graph(self, argument: str) -> None:
        """Show the graph as a tree, or write a picture of it.

        graph [FILE.svg]   also .png, .pdf, .dot
        """
        if argument:
            self.say(f"wrote {drawing(self.session).save(argument)}")
        else:
            self.say(tree(self.session))
