"""The graph around a place: the path from the root, the tree of it all, and a picture."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from ..drawing.drawing import Drawing, draw
from ..notation.formulas import product, statement
from ..notation.symbols import Symbol
from ..paths import Paths
from ..step import Backward
from ..steps.numbers import Then
from ..support.text import cut, short
from ..value import Value
from ..words.names import Names
from ..words.tree import drawn
from .condition import touched
from .nodes import MOST
from .session import Session

MOST_OF_TREE = 200  # lines
DEEPEST = 30  # levels of a tree
MANY = 1_000_000  # paths; more are not told exactly

Edge = tuple[Value, int]  # a node, and which of its inputs


def where(session: Session) -> list[str]:
    """Return the path from the root to the node that the next step is about."""
    root, step = session.walk.root, session.step
    node = root if step is None else touched(step)
    path = _path(session, node)
    if isinstance(step, Backward):  # it goes along this edge, whether or not another way is shorter
        path = [*_path(session, step.node), (step.node, step.position)]
    lines, factor = [_named(session, root) + "   the root"], 1.0
    for depth, (above, position) in enumerate(path, 1):
        below, local = above.inputs[position], above.local_grads[position]
        factor *= local
        derivative = f"d({session.called(above)})/d({session.called(below)}) = {short(local)}"
        lines.append(f"{'  ' * min(depth, DEEPEST)}{_named(session, below)}   {derivative}")
    lines[-1] += "   <- here"
    return [*cut(lines, MOST), *[_on_the_path(session, node, path, factor)] * bool(path)]


def _on_the_path(session: Session, node: Value, path: list[Edge], factor: float) -> str:
    """Return what a path contributes, and whether it is the only one."""
    paths = Paths(session.walk.order, node).count()
    which = "the only path" if paths == 1 else f"one of {'more than ' * (paths >= MANY)}{min(paths, MANY):,} paths"
    locals_ = [short(above.local_grads[position]) for above, position in path]
    numbers = f"{product(*locals_)} = " if len(locals_) == 2 else ""
    return f"the local derivatives multiply to {numbers}{short(factor)}; this is {which} from the root"


def _path(session: Session, node: Value) -> list[Edge]:
    """Return the edges from the root down to a node, by a shortest way."""
    root, before = session.walk.root, dict[Value, Edge]()
    waiting = deque([root])
    while node is not root and node not in before:
        above = waiting.popleft()
        for position, below in enumerate(above.inputs):
            if below not in before:
                before[below] = above, position
                waiting.append(below)
    path: list[Edge] = []
    while node in before:
        path.append(before[node])
        node = before[node][0]
    return path[::-1]


class SessionNames(Names):
    """Call nodes in words and formulas as the debugger calls them."""

    def __init__(self, session: Session) -> None:
        super().__init__(session.walk.order, {})
        self.session = session

    def operand(self, node: Value, latex: bool = False) -> Symbol | float:
        """Return what stands for a node in an expression: its name, or the number of a constant."""
        return node.data if self.session.is_plain(node) else Symbol(self.session.called(node))


def tree(session: Session) -> Sequence[str]:
    """Return the graph as a tree with the numbers of this moment; what is shared is drawn once."""
    return drawn(session.walk.order, Then(session.moment), SessionNames(session), DEEPEST, MOST_OF_TREE).lines


def _named(session: Session, node: Value) -> str:
    return " = ".join(filter(None, [session.called(node), statement(node, session.called)]))


def drawing(session: Session) -> Drawing:
    """Return a picture of the graph with the numbers of this moment."""
    names = dict(zip(session.names, session.walk.order, strict=True))
    return draw(session.walk.root, names=names, values=session.moment)
