"""The classic mistakes of the chain rule: what each is, and which wrong number it gives.

`MISTAKES` describes each mistake once, under a code. The functions below it yield the wrong numbers that the mistakes
give at one place, the likeliest first: at a step of the chain rule, a local gradient, a path, a gradient, a value, an
update. In all of them ``called`` returns the name of a node. The quiz, the exercises of the lessons and the step page
compare a wrong answer with these numbers; `engine.teach.rules` has broken backward passes for the mistakes that concern
a whole graph.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import combinations, islice
from math import isfinite, nan, prod
from typing import NamedTuple

from .. import ops
from ..backprop import Backward
from ..errors import DomainError
from ..graph import recomputed, topological_order
from ..notation.formulas import Called, partial, statement
from ..operation import Operation
from ..paths import Paths, multiply_locals
from ..steps.walk import Forward, Seed, Step
from ..support.text import format_number, listed
from ..value import Edge, Value

MAX_PATHS = 6  # with more paths, all sums of some of them are too many


class WrongNumber(NamedTuple):
    """A number that a mistake gives at some place, the mistake's code, and its sentence for this place."""

    number: float
    code: str
    sentence: str


# What to tell a learner who made a mistake; words in braces are filled in for the place.
MISTAKES: Mapping[str, str] = {
    # a step of the chain rule, and a path of steps
    "upstream-left-out": "This is {local} alone; the chain rule multiplies it by the upstream gradient.",
    "local-left-out": "This is the upstream gradient alone; the chain rule multiplies it by the local gradient.",
    "factor-left-out": "The factor {factor} is missing.",
    "added-not-multiplied": "{factors} are multiplied, not added.",
    "total-for-contribution": "This is the whole gradient of {operand}; the question is what {part} contributes to it.",
    "sign": "The size is right, the sign is not.",
    # several paths, and the whole graph
    "path-left-out": "You have {count} of {total} paths from {root} back to {node}. Missing: {missing}.",
    "multiplied-not-added": "Contributions of different paths are added, not multiplied.",
    "assigned-not-added": "A gradient is the sum of its contributions: add with +=, do not assign with =.",
    "passed-on-early": "A gradient is passed on only when it is complete.",
    "passed-on-again": "A gradient is passed on once, when it is complete.",
    "seed-left-out": "The root's own gradient is 1, not 0: it is the seed.",
    "operand-left-out": "Every operand receives a contribution.",
    "value-for-seed": "This is the value of {root}. With respect to itself, {root} changes at the rate 1.",
    "value-for-gradient": "This is the value of {node}; the question is how fast {root} changes with {node}.",
    "result-for-gradient": "This is the value of {root}; the question is how fast {root} changes with {node}.",
    "product-of-slopes": "At {node}, the derivative of a product u*v is u'*v + u*v', not u'*v'.",
    "quotient-of-slopes": "At {node}, the derivative of a quotient u/v is (u'*v - u*v')/v**2, not u'/v'.",
    # local gradients
    "wrong-operand": "This takes the derivative of {node} with respect to the wrong operand{operands}.",
    "exponent-kept": "At {node}, the exponent drops by one: the derivative of x**n is n*x**(n-1).",
    "exponent-left-out": "At {node}, the factor n is missing: the derivative of x**n is n*x**(n-1).",
    "minus-left-out": "At {node}, the minus is missing: it changes the sign of the gradient.",
    "product-as-sum":
        "At {node}, * is treated like +. Only + passes a gradient on unchanged; * multiplies it by the other operand.",
    "slope-left-out": "The derivative of {node} is left out: it is one more factor on the path.",
    "slope-at-input": "At {node}, the derivative is written with the function's output; this puts its input in.",
    "square-left-out": "At {node}, the square is missing: tanh' = 1 - tanh**2.",
    "output-left-out": "At {node}, a factor is missing: sigmoid' = sigmoid * (1 - sigmoid).",
    "upside-down": "At {node}, this is upside down: log' = 1 / x.",
    "input-for-slope": "At {node}: exp is its own derivative.",
    "quotient-rule": "At {node}: d(x/y)/dx = 1/y and d(x/y)/dy = -x/y**2.",
    "value-for-slope": "This takes the value of {node} for its derivative.",
    "upstream-included": "The upstream gradient is already in this; the question is {local} alone.",
    # values
    "wrong-operation": "At {node}, this {does} instead of {doing}.",
    "operands-swapped": "At {node}, the operands are swapped.",
    "sign-lost": "At {node}, the sign is wrong.",
    "kink-ignored": "At {node}, {operation} changes a negative number.",
    # an update
    "uphill": "This goes uphill: descent subtracts the gradient, so that {root} falls.",
    "rate-left-out": "The learning rate is missing: multiply the gradient by {rate} before you subtract it.",
    "gradient-left-out": "The gradient is missing: the step is {rate} times the gradient.",
    "step-alone": "This is the length of the step. Subtract it from {node}.",
    "change-alone": "This is the change. Add it to {node}.",
    "gradient-alone": "This is the gradient. The new {node} is {node} - {rate} * gradient.",
    "value-in-step": "The step uses {node} itself instead of its gradient.",
    "result-in-step": "The step uses the value of {root} instead of its gradient.",
    "before-the-step": "This is {node} before the step.",
    "step-on-result": "The step changes {node}, not {root}; compute {root} from the new {node}.",
    "slope-for-change": "This is what the slope at the old place predicts; compute {root} from the new {node}.",
    # a nudge, a second derivative, a direction, a count of paths
    "change-not-divided": "This is the change. Divide it by the nudge, {by}.",
    "value-after": "This is {root} after the nudge. Subtract {root} before the nudge, then divide.",
    "nudge-reversed": "The sign is wrong: take the new number minus the old one.",
    "limit-for-nudge": "This is the limit for tiny nudges. With {by} it is not quite that.",
    "before-not-subtracted": "Subtract {root} before the nudge first; only the change is divided.",
    "first-for-second": "This is the first derivative, {first}. Differentiate it with respect to {by}.",
    "first-squared": "This is the first derivative, squared. Differentiate it again instead.",
    "same-input-twice": "Differentiate with respect to {by} the second time, not {of} again.",
    "second-halved": "Half of it is missing: an exponent comes down as a factor each time.",
    "one-input-only": "This is the contribution of {node} alone. All inputs move; add their contributions.",
    "speeds-multiplied": "This multiplies the speeds. Add the contributions instead.",
    "speeds-added": "This adds the speeds. Multiply each by its local gradient first.",
    "gradients-added": "This adds the gradients. Multiply each by its speed first.",
    "edges-for-paths": "This is the number of edges; backpropagation visits each once. Count the ways through them.",
    "uses-for-paths": "This is how often {node} is used. After each use, the ways may part again.",
    "nodes-for-paths": "This is the number of nodes.",
}  # fmt: skip


def wrong_number(number: float, code: str, **words: object) -> WrongNumber:
    """Return the wrong number that a mistake gives, with its sentence filled in.

    >>> wrong_number(3.0, "step-alone", node="w").sentence
    'This is the length of the step. Subtract it from w.'
    """
    return WrongNumber(number, code, MISTAKES[code].format(**words))


def _is(*names: str) -> Callable[[Value], bool]:
    return lambda node: node.op.name in names


def _is_function(node: Value) -> bool:
    return len(node.inputs) == 1 and node.op.name not in ("neg", "power")


# The mistake, the nodes at which it can be made, and the local gradient that it gives there with respect to one of the
# inputs. The likeliest mistakes come first. In a difference, the wrong operand is a matter of sign.
LOCAL_RULES: tuple[tuple[str, Callable[[Value], bool], Callable[[Value, int], float]], ...] = (
    ("wrong-operand", lambda node: len(set(node.inputs)) == 2 and node.op.name != "sub",
     lambda node, place: node.local_grads[1 - place]),
    ("exponent-kept", _is("power"), lambda node, place: node.op.parameters["exponent"] * node.data),
    ("exponent-left-out", _is("power"),
     lambda node, place: node.local_grads[0] / (node.op.parameters["exponent"] or 1.0)),
    ("minus-left-out", _is("sub", "neg"), lambda node, place: 1.0),
    ("product-as-sum", _is("mul"), lambda node, place: 1.0),
    ("quotient-rule", _is("div"), lambda node, place: (-node.local_grads[0], node.inputs[0].data)[place]),
    ("quotient-rule", _is("div"), lambda node, place: -node.local_grads[place]),
    ("square-left-out", _is("tanh"), lambda node, place: 1.0 - node.data),
    ("output-left-out", _is("sigmoid"), lambda node, place: 1.0 - node.data),
    ("upside-down", _is("log"), lambda node, place: node.inputs[0].data),
    ("input-for-slope", _is("exp"), lambda node, place: node.inputs[0].data),
    ("slope-left-out", _is_function, lambda node, place: 1.0),
    ("slope-at-input", _is("tanh", "sigmoid"), lambda node, place: node.op.rule(*[node.inputs[0].data] * 2)[0]),
    ("value-for-slope", _is_function, lambda node, place: node.data),
)  # fmt: skip


def slips(edge: Edge, called: Called) -> Iterator[WrongNumber]:
    """Yield wrong local gradients of an edge."""
    words = {"node": called(edge.node), "operands": _operands(edge.node, [edge.place], called)}
    for code, is_possible, rule in LOCAL_RULES:
        if is_possible(edge.node) and (number := rule(*edge)) != edge.local:
            yield wrong_number(number, code, **words)


def _operands(node: Value, places: Sequence[int], called: Called) -> str:
    """Return which operand was taken and which one was meant; empty where that is not clear."""
    if len(node.inputs) != 2 or len(places) != 1:
        return ""
    return f" ({called(node.inputs[1 - places[0]])}, not {called(node.inputs[places[0]])})"


def of_local(edge: Edge, upstream: float, called: Called) -> Iterator[WrongNumber]:
    """Yield wrong answers to the question for a local gradient of a node with an upstream gradient."""
    yield from slips(edge, called)
    yield wrong_number(edge.local * upstream, "upstream-included", local=format_partial(edge, called))
    yield wrong_number(edge.node.data, "value-for-slope", node=called(edge.node))
    yield wrong_number(-edge.local, "sign")


def of_step(step: Step, called: Called) -> Iterator[WrongNumber]:
    """Yield wrong answers to the question what a step of a walk computes.

    It is the value of a node, the gradient that the root starts from, or a contribution to the gradient of an operand.

    >>> from engine import walk
    >>> a, b = Value(2.0, "a"), Value(-3.0, "b")
    >>> step = walk(a * b)[-1]
    >>> for number, code, _ in list(of_step(step, lambda node: node.label or "f"))[:4]:
    ...     print(number, code)
    2.0 upstream-left-out
    1.0 local-left-out
    3.0 added-not-multiplied
    2.0 total-for-contribution
    """
    if isinstance(step, Forward):
        yield from of_value(step.node, called, depth=1)
    elif isinstance(step, Seed):
        yield wrong_number(step.node.data, "value-for-seed", root=called(step.node))
        yield wrong_number(0.0, "seed-left-out")
    elif isinstance(step, Backward):
        edge, upstream = Edge(step.node, step.position), step.upstream
        yield wrong_number(step.local, "upstream-left-out", local=format_partial(edge, called))
        yield wrong_number(upstream, "local-left-out")
        yield wrong_number(step.local + upstream, "added-not-multiplied", factors="The local and the upstream gradient")
        yield wrong_number(step.after, "total-for-contribution", operand=called(step.operand), part="this step")
        yield from (slip._replace(number=slip.number * upstream) for slip in slips(edge, called))
        yield wrong_number(-step.contribution, "sign")


def of_path(path: Sequence[Edge], grad: float, called: Called) -> Iterator[WrongNumber]:
    """Yield wrong answers to the question for the product along a path; the node at its end has a gradient."""
    if len(path) > 1:
        yield _added([path], path)
        for place, edge in enumerate(path):
            factor = f"{format_partial(edge, called)} = {format_number(edge.local)}"
            yield wrong_number(_without(path, place), "factor-left-out", factor=factor)
    for place, edge in enumerate(path):
        for slip in slips(edge, called):
            yield slip._replace(number=slip.number * _without(path, place))
    yield wrong_number(grad, "total-for-contribution", operand=called(path[-1].operand), part="this path")
    yield wrong_number(-multiply_locals(path), "sign")


def of_gradient(order: Sequence[Value], node: Value, called: Called, *, hints: bool = False) -> Iterator[WrongNumber]:
    """Yield wrong answers to the question for the gradient of a node that is not the root.

    With ``hints``, they have the local gradients at the node where one is wrong, unless those are the answer.
    """
    names = {"node": called(node), "root": called(order[-1])}
    paths = Paths(order, node)
    few = list(paths) if 0 < paths.count() <= MAX_PATHS else []
    missing = _of_missing_paths(few, names, called)
    yield from islice(missing, len(few))  # one path missing
    yield from _of_products(paths, called)
    yield from missing
    if few:
        yield from _of_paths(few, called)
    yield from _of_rules(order, paths, called, hints)
    yield from _of_factors(few, called)
    yield wrong_number(-_gradient(order, node, {}), "sign")
    yield wrong_number(order[-1].data, "result-for-gradient", **names)
    yield wrong_number(node.data, "value-for-gradient", **names)


def _of_products(paths: Paths, called: Called) -> Iterator[WrongNumber]:
    """Yield what comes of the slopes of both operands multiplied or divided, at each node alone and at all together."""
    for code, operation in (("product-of-slopes", ops.mul), ("quotient-of-slopes", ops.div)):
        both = [node for node, places in paths.edges.items() if node.op is operation and len(places) == 2]
        for nodes in [*([node] for node in both), *([both] if len(both) > 1 else [])]:
            slopes = {paths.source: 1.0}
            for node, places in paths.edges.items():
                if node in nodes:
                    with suppress(DomainError):
                        slopes[node] = operation.evaluate([slopes[x] for x in node.inputs])
                elif places:
                    slopes[node] = sum(node.local_grads[i] * slopes.get(node.inputs[i], nan) for i in places)
            if isfinite(number := slopes.get(paths.root, nan)):
                yield wrong_number(number, code, node=called(nodes[0]))


def _of_factors(paths: list[list[Edge]], called: Called) -> Iterator[WrongNumber]:
    """Yield what comes of one factor left out on one path."""
    total = sum(map(multiply_locals, paths))
    for path in paths:
        for place, edge in enumerate(path if len(path) > 1 else ()):
            factor = f"{format_partial(edge, called)} = {format_number(edge.local)}"
            number = total - multiply_locals(path) + _without(path, place)
            yield wrong_number(number, "factor-left-out", factor=factor)


def _of_missing_paths(paths: list[list[Edge]], names: Mapping[str, str], called: Called) -> Iterator[WrongNumber]:
    """Yield what comes of one path left out, for each, then of several."""
    total = len(paths)
    for count in range(total - 1, 0, -1):
        for taken in combinations(range(total), count):
            missing = ", ".join(format_path(path, called) for place, path in enumerate(paths) if place not in taken)
            number = sum(multiply_locals(paths[place]) for place in taken)
            yield wrong_number(number, "path-left-out", count=count, total=total, missing=missing, **names)


def _of_paths(paths: list[list[Edge]], called: Called) -> Iterator[WrongNumber]:
    """Yield what comes of adding and multiplying in the wrong places."""
    if len(paths) > 1:
        yield wrong_number(prod(map(multiply_locals, paths)), "multiplied-not-added")
    longest = max(paths, key=len)
    if len(longest) > 1:
        yield _added(paths, longest)
        last = dict.fromkeys(path[-1] for path in paths)
        local = " + ".join(format_partial(edge, called) for edge in last)
        yield wrong_number(sum(edge.local for edge in last), "upstream-left-out", local=local)


def _of_rules(order: Sequence[Value], paths: Paths, called: Called, hints: bool) -> Iterator[WrongNumber]:
    """Yield what comes of each mistake in local gradients, at each node alone and at all nodes together."""
    hints = hints and sum(bool(each.inputs) for each in order) > 1
    for code, is_possible, rule in LOCAL_RULES:
        broken = {each: [rule(each, i) for i in range(len(each.inputs))] for each in order if is_possible(each)}
        for nodes in [*([each] for each in broken), *([list(broken)] if len(broken) > 1 else [])]:
            first = nodes[0]
            number = _gradient(order, paths.source, {each: broken[each] for each in nodes})
            operands = _operands(first, paths.edges.get(first, []), called)
            slip = wrong_number(number, code, node=called(first), operands=operands)
            if hints:
                edges = (Edge(first, index) for index in range(len(first.inputs)))
                parts = dict.fromkeys(f"{format_partial(edge, called)} = {format_number(edge.local)}" for edge in edges)
                hint = f"Look at {called(first)} = {statement(first, called)}: {', '.join(parts)}."
                slip = slip._replace(sentence=f"{slip.sentence} {hint}")
            yield slip


def _gradient(order: Sequence[Value], node: Value, locals_: Mapping[Value, Sequence[float]]) -> float:
    reached = dict.fromkeys(order, 0.0)
    reached[order[-1]] = 1.0
    for each in reversed(order):
        for operand, local in zip(each.inputs, locals_.get(each, each.local_grads), strict=True):
            reached[operand] += local * reached[each]
    return reached[node]


def _added(paths: Sequence[Sequence[Edge]], shown: Sequence[Edge]) -> WrongNumber:
    factors = listed([format_number(edge.local) for edge in shown], most=8)
    number = sum(edge.local for path in paths for edge in path)
    return wrong_number(number, "added-not-multiplied", factors=f"Local gradients along a path (here {factors})")


def _without(path: Sequence[Edge], place: int) -> float:
    return prod(edge.local for index, edge in enumerate(path) if index != place)


def format_partial(edge: Edge, called: Called) -> str:
    """Return how a local gradient is written, such as ``∂p/∂a``."""
    return partial(called(edge.node), called(edge.operand))


def format_path(path: Sequence[Edge], called: Called) -> str:
    """Return a path as names, such as ``L -> p -> a``."""
    return " -> ".join([called(path[0].node), *(called(edge.operand) for edge in path)])


# --- values and updates -------------------------------------------------------------------------------

# What may be computed instead of an operation: the mistake, its words, and the wrong rule.
VALUE_RULES: Mapping[Operation, tuple[tuple[str, Mapping[str, str], Callable[..., float]], ...]] = {
    ops.add: (("wrong-operation", {"does": "multiplies", "doing": "adding"}, lambda x, y: x * y),
              ("wrong-operation", {"does": "subtracts", "doing": "adding"}, lambda x, y: x - y)),
    ops.sub: (("wrong-operation", {"does": "adds", "doing": "subtracting"}, lambda x, y: x + y),
              ("operands-swapped", {}, lambda x, y: y - x)),
    ops.mul: (("wrong-operation", {"does": "adds", "doing": "multiplying"}, lambda x, y: x + y),
              ("sign-lost", {}, lambda x, y: -x * y)),
    ops.div: (("operands-swapped", {}, lambda x, y: y / x),
              ("wrong-operation", {"does": "multiplies", "doing": "dividing"}, lambda x, y: x * y)),
    ops.relu: (("kink-ignored", {"operation": "relu"}, lambda x: x),),
    ops.abs: (("kink-ignored", {"operation": "abs"}, lambda x: x),),
    ops.maximum: (("wrong-operation", {"does": "takes the smaller number", "doing": "the larger"}, min),),
    ops.minimum: (("wrong-operation", {"does": "takes the larger number", "doing": "the smaller"}, max),),
    ops.power.bind(exponent=2.0): (("wrong-operation", {"does": "doubles", "doing": "squaring"}, lambda x: 2.0 * x),
                                   ("sign-lost", {}, lambda x: -x * x)),
}  # fmt: skip


def of_value(node: Value, called: Called, depth: int | None = None) -> Iterator[WrongNumber]:
    """Yield wrong answers to the question for the value of a node; with depth 1, those of its operands are given."""
    order = [node] if depth else topological_order(node)
    for each in order:
        for code, words, rule in VALUE_RULES.get(each.op, ()):
            try:
                wrong = rule(*(x.data for x in each.inputs))
                number = wrong if each is node else recomputed(order, {each: wrong})[node]
            except ArithmeticError:  # an operation has no value then
                continue
            yield wrong_number(number, code, node=called(each), **words)
    yield wrong_number(-node.data, "sign")


def of_update(
    node: Value, root: Value, grad: float, rate: float, called: Called, wrong: Iterable[WrongNumber] = ()
) -> Iterator[WrongNumber]:
    """Yield wrong answers to the question for a leaf after a step of gradient descent, also after a wrong one."""
    words = {"node": called(node), "root": called(root), "rate": format_number(rate)}
    x = node.data
    for number, code in (
        (x + rate * grad, "uphill"),
        (x - grad, "rate-left-out"),
        (x - rate, "gradient-left-out"),
        (rate * grad, "step-alone"),
        (-rate * grad, "change-alone"),
        (grad, "gradient-alone"),
        (x - rate * x, "value-in-step"),
        (x - rate * root.data, "result-in-step"),
        (x, "before-the-step"),
    ):
        yield wrong_number(number, code, **words)
    for number, code, sentence in wrong:
        yield WrongNumber(x - rate * number, code, f"The step is right, the gradient is not. {sentence}")


def of_result(order: Sequence[Value], node: Value, grad: float, rate: float, called: Called) -> Iterator[WrongNumber]:
    """Yield wrong answers to the question for the result after a step of gradient descent on a leaf."""
    root = order[-1]
    words = {"node": called(node), "root": called(root), "rate": format_number(rate)}
    yield wrong_number(root.data, "before-the-step", node=words["root"])
    for moved, code in ((grad * rate, "uphill"), (-grad, "rate-left-out")):
        try:
            yield wrong_number(recomputed(order, {node: node.data + moved})[root], code, **words)
        except ArithmeticError:  # an operation has no value then
            continue
    yield wrong_number(root.data - rate * grad * grad, "slope-for-change", **words)
    yield wrong_number(root.data - rate * grad, "step-on-result", **words)
