"""What a page and a film of the passes begin with: the walk, and the drawing that its steps happen on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from numbers import Real
from typing import Any, NamedTuple, TypedDict

from ..drawing.drawing import Drawing, trained_among
from ..drawing.picture import Picture, Subject, Wishes
from ..graph import require_value, topological_order
from ..name import Names, callers_variables
from ..numbers import Numbers
from ..steps.update import Descent, is_optimiser
from ..steps.walk import LATER, Walk
from ..support.text import printable, visible
from ..value import Value
from .scenes import Scenes


class Options(TypedDict, total=False):
    """The options of a page or a film; those without a comment are as in `draw`."""

    names: Mapping[str, Any] | None
    seed: float  # the root's own gradient (1.0)
    accumulate: bool  # add to the gradients that the leaves have, as ``backward`` does (default: start from 0)
    update: Any  # an update behind the passes, as in `walk`; a learning rate is that of the parameters, if given
    now: bool  # compute the graph anew, with the numbers that its leaves have now (default: as it was recorded)
    title: str  # of the page or the film (default: the root and its number)
    direction: str
    depth: int | None
    expand: str | Sequence[str]
    every_sample: bool | None
    parameters: Iterable[Value] | None
    limit: int
    timeout: float


class Stage(NamedTuple):
    """A walk, and the drawing that its steps happen on."""

    walk: Walk
    drawing: Drawing
    trained: frozenset[Value]
    optimiser: str  # what an update is called

    def scenes(self, picture: Picture) -> Scenes:
        """Return the scenes of the walk on a picture."""
        return Scenes(picture, self.walk, self.walk.names, self.trained, self.optimiser)


def set_up(
    root: Value, what: str, options: Options, room: Callable[[Scenes], Sequence[tuple[str, ...]]], **wishes: Any
) -> Stage:
    """Return the stage for a page or a film.

    Args:
        root: the Value to walk to and back from.
        what: what it is for, in errors.
        options: those that were asked for.
        room: returns, for each box of the scenes' picture, the numbers that it comes to show.
        **wishes: for the drawing, besides those among the options.
    """
    require_value(root, what)
    if unknown := options.keys() - Options.__annotations__.keys():
        known = ", ".join(Options.__annotations__)
        raise TypeError(f"{printable(min(unknown))} is not an option of {what}; choose from {known}")
    of_drawing: dict[str, Any] = {name: value for name, value in options.items() if name in Wishes.__annotations__}
    order = topological_order(root)
    numbers = Numbers(order, options.get("now", False))
    given = callers_variables(options.get("names"))
    notices, root = numbers.notices(Names(order, given)), numbers.stand_in(root)
    variables = numbers.variables(given)
    update, parameters = options.get("update"), options.get("parameters")
    chosen = trained_among(order, parameters)
    if isinstance(update, Real) and not isinstance(update, bool) and parameters is not None:
        update = Descent(float(update), chosen)
    originals = {numbers.stand_in(node): node for node in order}
    known_as = [originals[node] for node in topological_order(root)]
    accumulate = options.get("accumulate", False)
    steps = Walk(root, options.get("seed", 1.0), variables, accumulate, now=False, update=update, known_as=known_as)
    notices = (*notices, LATER) if notices and steps.remembers else notices
    trained = frozenset(map(numbers.stand_in, chosen))
    subject = Subject(
        steps.order,
        steps.at(steps.update_index),
        None,
        steps.names,
        trained,
        lambda shown: room(Scenes(shown, steps, steps.names, trained, _called(update))),
        notices,
    )
    drawing = Drawing(subject, Wishes(local_gradients=True, legend=False, **of_drawing, **wishes))
    return Stage(steps, drawing, trained, _called(update))


def _called(update: Any) -> str:
    if isinstance(update, Descent | Real):
        return "gradient descent"
    return f"your {visible(type(update).__name__)}" if is_optimiser(update) else "your rule"
