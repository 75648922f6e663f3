"""The step page in notebooks: as a widget, and below a cell that begins with ``%%steps``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack

from ..support.streams import say
from ..support.text import printable
from ..value import Value
from .page import HEIGHT
from .scenes import Scenes
from .stage import Options, set_up

if TYPE_CHECKING:
    from .widget import StepsWidget


def steps_widget(root: Value, height: int = HEIGHT, **options: Unpack[Options]) -> StepsWidget:
    """Show the page that `show_steps` makes as a widget, whose numbers Python and the reader both set.

    A number that the reader changes on the page is in `StepsWidget.numbers`, and `StepsWidget.value` follows; numbers
    that a cell sets are shown by the page. The graph itself stays as it is. It needs the package anywidget:
    ``pip install 'stepgrad[widget]'``.

    Args:
        root, height, **options: as in `show_steps`.

    Raises:
        DrawingError, UndefinedDerivativeError, TypeError, ValueError: as in `show_steps`.
        StepgradError: anywidget is missing.

    >>> a, b = Value(2.0, "a"), Value(-3.0, "b")
    >>> widget = steps_widget(a * b + a)
    >>> widget.numbers = {"a": 10.0}  # as if the reader had typed it
    >>> widget.value, widget.gradients
    (-20.0, {'a': -2.0, 'b': 10.0})
    """
    from .widget import StepsWidget

    if height <= 0:
        raise ValueError(f"height must be greater than 0, not {height!r}")
    return StepsWidget(set_up(root, "a step page", options, Scenes.room), height, options.get("title", ""))


def load_ipython_extension(shell: Any) -> None:
    """Register ``%%steps`` in IPython, which calls this for ``%load_ext engine`` and ``%load_ext stepgrad``.

    A cell that begins with ``%%steps`` runs as usual, and the step page of the Value in its last line is shown. Options
    stand behind it: ``--update RATE``, ``--depth N``, ``--height PIXELS``, and ``--widget`` for a `steps_widget`, which
    is then in the variable ``_steps``.

    Args:
        shell: the running shell.
    """
    shell.register_magic_function(_Steps(shell), "cell", "steps")


class _Steps:
    """The magic ``%%steps``."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell

    def __call__(self, line: str, cell: str) -> Any:
        """Run a cell, and return the page of the Value that its last line is."""
        options = self._options(line)
        if options is None:
            return None
        found = self._value_of(cell)
        if not isinstance(found, Value):
            if found is not None:
                said = printable(type(found).__name__)
                say(f"%%steps: the last line of the cell must be a Value, such as loss, not of the type {said}")
            return None
        wishes: Options = {"names": self._shell.user_ns, "depth": options.depth, "update": options.update}
        if options.widget:
            shown = steps_widget(found, options.height, **wishes)
            self._shell.push({"_steps": shown})
            return shown
        from .page import show_steps

        return show_steps(found, options.height, **wishes)

    def _options(self, line: str) -> Any:
        import argparse

        parser = argparse.ArgumentParser("%%steps", exit_on_error=False, add_help=False)
        parser.add_argument("--update", type=float, help="the learning rate of an update behind the passes")
        parser.add_argument("--depth", type=int, help="how many levels of scopes to open")
        parser.add_argument("--height", type=int, default=HEIGHT, help="of the page, in pixels")
        parser.add_argument("--widget", action="store_true", help="let Python and the page set numbers")
        try:
            options, others = parser.parse_known_args(line.split())
        except argparse.ArgumentError as error:
            say(f"%%steps: {error}")
            return None
        if others:
            say(f"%%steps: unknown option {printable(others[0])}\n{parser.format_help()}")
            return None
        return options

    def _value_of(self, cell: str) -> Any:
        """Run a cell without showing what its last line is, and return that; None after an error, which is shown."""
        from unittest.mock import patch

        def silent(*arguments: Any, **keywords: Any) -> None: ...

        hook = self._shell.displayhook
        with patch.object(hook, "write_output_prompt", silent), patch.object(hook, "write_format_data", silent):
            ran = self._shell.run_cell(cell)
        if ran.success and ran.result is None:
            say("%%steps: the last line of the cell must be a Value, such as loss; this cell ends without a result")
        return ran.result if ran.success else None
