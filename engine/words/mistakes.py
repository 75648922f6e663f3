"""The classic mistakes of the chain rule: what each is, and which wrong number it gives.

`MISTAKES` describes each mistake once, under a code. The functions below it compute the wrong numbers that the
mistakes give at one place: a step of the chain rule, a local gradient, a path, a gradient, a value, an update. The
quiz, the exercises of the lessons and the step page compare a wrong answer with these numbers; the lab of
`engine.teach` has a broken backward pass for those that concern a whole graph.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import prod
from typing import NamedTuple

from .. import ops
from ..backprop import Backward
from ..graph import recomputed, topological_order
from ..notation.formulas import partial, statement
from ..operation import Operation
from ..paths import Edge, Paths, multiply_locals
from ..steps.walk import Forward, Step
from ..support.numbers import format_number
from ..support.text import listed
from ..value import Value

MAX_PATHS = 6  # with more paths, all sums of some of them are too many

Called = Callable[[Value], str]


@dataclass(frozen=True)
class Mistake:
    """A classic mistake.

    Attributes:
        code: its name for programs.
        title: what is done wrong, in a few words.
        sentence: what to tell a learner who made it; words in braces are filled in for the place.
    """

    code: str
    title: str
    sentence: str


class WrongNumber(NamedTuple):
    """A number that a mistake gives at some place.

    Attributes:
        number: the number.
        code: the code of the mistake.
        sentence: what to tell the learner, for this place.
    """

    number: float
    code: str
    sentence: str


MISTAKES: Mapping[str, Mistake] = {mistake.code: mistake for mistake in (
    # a step of the chain rule, and a path of steps
    Mistake("upstream-left-out", "leave out the upstream gradient",
            "This is {local} alone; the chain rule multiplies it by the upstream gradient."),
    Mistake("local-left-out", "leave out the local gradient",
            "This is the upstream gradient alone; the chain rule multiplies it by the local gradient."),
    Mistake("factor-left-out", "leave out a factor of a path", "The factor {factor} is missing."),
    Mistake("added-not-multiplied", "add the local and the upstream gradient instead of multiplying them",
            "{factors} are multiplied, not added."),
    Mistake("total-for-contribution", "take the whole gradient for one contribution",
            "This is the whole gradient of {operand}; the question is what {part} contributes to it."),
    Mistake("sign", "get the sign wrong", "The size is right, the sign is not."),
    # several paths, and the whole graph
    Mistake("path-left-out", "leave out a path",
            "You have {count} of {total} paths from {root} back to {node}. Missing: {missing}."),
    Mistake("multiplied-not-added", "multiply the contributions of different paths",
            "Contributions of different paths are added, not multiplied."),
    Mistake("assigned-not-added", "assign a contribution instead of adding it",
            "A gradient is the sum of its contributions: add with +=, do not assign with =."),
    Mistake("passed-on-early", "visit nodes in the order in which they are reached",
            "A gradient is passed on only when it is complete."),
    Mistake("passed-on-again", "pass on what a node has collected so far, once for each path",
            "A gradient is passed on once, when it is complete."),
    Mistake("seed-left-out", "leave out the seed", "The root's own gradient is 1, not 0: it is the seed."),
    Mistake("operand-left-out", "pass the gradient on to the first operand only",
            "Every operand receives a contribution."),
    Mistake("value-for-seed", "take the value of the result for its gradient",
            "This is the value of {root}. With respect to itself, {root} changes at the rate 1."),
    Mistake("value-for-gradient", "take a value for its gradient",
            "This is the value of {node}; the question is how fast {root} changes with {node}."),
    Mistake("result-for-gradient", "take the result for a gradient",
            "This is the value of {root}; the question is how fast {root} changes with {node}."),
    # local gradients
    Mistake("wrong-operand", "take the derivative with respect to the wrong operand",
            "This takes the derivative of {node} with respect to the wrong operand{operands}."),
    Mistake("exponent-kept", "keep the exponent of a power",
            "At {node}, the exponent drops by one: the derivative of x**n is n*x**(n-1)."),
    Mistake("exponent-left-out", "leave out the exponent as a factor",
            "At {node}, the factor n is missing: the derivative of x**n is n*x**(n-1)."),
    Mistake("minus-left-out", "leave out the minus of a difference",
            "At {node}, the minus is missing: it changes the sign of the gradient."),
    Mistake("product-as-sum", "treat a product like a sum",
            "At {node}, * is treated like +. Only + passes a gradient on unchanged; * multiplies it by the other "
            "operand."),
    Mistake("slope-left-out", "leave out the derivative of a function",
            "The derivative of {node} is left out: it is one more factor on the path."),
    Mistake("slope-at-input", "put the input where the output belongs",
            "At {node}, the derivative is written with the function's output; this puts its input in."),
    Mistake("square-left-out", "leave out the square in the derivative of tanh",
            "At {node}, the square is missing: tanh' = 1 - tanh**2."),
    Mistake("output-left-out", "leave out a factor in the derivative of sigmoid",
            "At {node}, a factor is missing: sigmoid' = sigmoid * (1 - sigmoid)."),
    Mistake("upside-down", "turn the derivative of log upside down", "At {node}, this is upside down: log' = 1 / x."),
    Mistake("input-for-slope", "take the input of exp for its derivative", "At {node}: exp is its own derivative."),
    Mistake("quotient-rule", "confuse the derivatives of a quotient",
            "At {node}: d(x/y)/dx = 1/y and d(x/y)/dy = -x/y**2."),
    Mistake("value-for-slope", "take a value for its derivative", "This takes the value of {node} for its derivative."),
    Mistake("upstream-included", "multiply the local gradient by the upstream gradient",
            "The upstream gradient is already in this; the question is {local} alone."),
    # values
    Mistake("wrong-operation", "compute another operation", "At {node}, this {does} instead of {doing}."),
    Mistake("operands-swapped", "swap the operands", "At {node}, the operands are swapped."),
    Mistake("sign-lost", "lose a sign", "At {node}, the sign is wrong."),
    Mistake("kink-ignored", "leave a negative number as it is", "At {node}, {operation} changes a negative number."),
    # an update
    Mistake("uphill", "add the gradient", "This goes uphill: descent subtracts the gradient, so that {root} falls."),
    Mistake("rate-left-out", "leave out the learning rate",
            "The learning rate is missing: multiply the gradient by {rate} before you subtract it."),
    Mistake("gradient-left-out", "leave out the gradient",
            "The gradient is missing: the step is {rate} times the gradient."),
    Mistake("step-alone", "stop at the step", "This is the length of the step. Subtract it from {node}."),
    Mistake("change-alone", "stop at the change", "This is the change. Add it to {node}."),
    Mistake("gradient-alone", "stop at the gradient",
            "This is the gradient. The new {node} is {node} - {rate} * gradient."),
    Mistake("value-in-step", "put the value in the gradient's place",
            "The step uses {node} itself instead of its gradient."),
    Mistake("result-in-step", "put the result in the gradient's place",
            "The step uses the value of {root} instead of its gradient."),
    Mistake("before-the-step", "stop before the step", "This is {node} before the step."),
    Mistake("step-on-result", "take the step with the result",
            "The step changes {node}, not {root}; compute {root} from the new {node}."),
    Mistake("slope-for-change", "take the slope for the change",
            "This is what the slope at the old place predicts; compute {root} from the new {node}."),
    # a nudge, a second derivative, a direction, a count of paths
    Mistake("change-not-divided", "leave out the division by the nudge",
            "This is the change. Divide it by the nudge, {by}."),
    Mistake("value-after", "take the value after the nudge",
            "This is {root} after the nudge. Subtract {root} before the nudge, then divide."),
    Mistake("nudge-reversed", "subtract the new number from the old one",
            "The sign is wrong: take the new number minus the old one."),
    Mistake("limit-for-nudge", "take the derivative for the result of a nudge",
            "This is the limit for tiny nudges. With {by} it is not quite that."),
    Mistake("before-not-subtracted", "divide without subtracting",
            "Subtract {root} before the nudge first; only the change is divided."),
    Mistake("first-for-second", "stop at the first derivative",
            "This is the first derivative, {first}. Differentiate it with respect to {by}."),
    Mistake("first-squared", "square the first derivative",
            "This is the first derivative, squared. Differentiate it again instead."),
    Mistake("same-input-twice", "differentiate twice with respect to the same input",
            "Differentiate with respect to {by} the second time, not {of} again."),
    Mistake("second-halved", "leave out a factor of the second derivative",
            "Half of it is missing: an exponent comes down as a factor each time."),
    Mistake("one-input-only", "move only one input",
            "This is the contribution of {node} alone. All inputs move; add their contributions."),
    Mistake("speeds-multiplied", "multiply the speeds", "This multiplies the speeds. Add the contributions instead."),
    Mistake("speeds-added", "add the speeds",
            "This adds the speeds. Multiply each by its local gradient first."),
    Mistake("gradients-added", "add the gradients", "This adds the gradients. Multiply each by its speed first."),
    Mistake("edges-for-paths", "count the edges",
            "This is the number of edges; backpropagation visits each once. Count the ways through them."),
    Mistake("uses-for-paths", "count the uses of the input",
            "This is how often {node} is used. After each use, the ways may part again."),
    Mistake("nodes-for-paths", "count the nodes", "This is the number of nodes."),
)}  # fmt: skip


def wrong_number(number: float, code: str, **words: object) -> WrongNumber:
    """Return the wrong number that a mistake gives, with its sentence filled in.

    >>> wrong_number(3.0, "step-alone", node="w").sentence
    'This is the length of the step. Subtract it from w.'
    """
    return WrongNumber(number, code, MISTAKES[code].sentence.format(**words))


# --- local gradients ----------------------------------------------------------------------------------


def _is(*names: str) -> Callable[[Value], bool]:
    return lambda node: node.op.name in names


def _is_function(node: Value) -> bool:
    return len(node.inputs) == 1 and node.op.name not in ("neg", "power")


def _has_two_operands(node: Value) -> bool:  # of a difference, the wrong operand is a matter of sign
    return len(set(node.inputs)) == 2 and node.op.name != "sub"


def _exponent(node: Value) -> float:
    return node.op.parameters["exponent"]


# The mistake, the nodes at which it can be made, and the local gradient that it gives there with respect to one of the
# inputs. The likeliest mistakes come first.
LOCAL_RULES: tuple[tuple[str, Callable[[Value], bool], Callable[[Value, int], float]], ...] = (
    ("wrong-operand", _has_two_operands, lambda node, place: node.local_grads[1 - place]),
    ("exponent-kept", _is("power"), lambda node, place: _exponent(node) * node.data),
    ("exponent-left-out", _is("power"), lambda node, place: node.local_grads[0] / (_exponent(node) or 1.0)),
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
)


def slips(edge: Edge, called: Called) -> Iterator[WrongNumber]:
    """Yield wrong local gradients of an edge, the likeliest first."""
    for code, is_possible, rule in LOCAL_RULES:
        if is_possible(edge.node) and (number := rule(*edge)) != edge.local:
            yield wrong_number(
                number, code, node=called(edge.node), operands=_operands(edge.node, [edge.place], called)
            )


def _operands(node: Value, places: Sequence[int], called: Called) -> str:
    """Return which operand was taken and which one was meant; empty where that is not clear."""
    if len(node.inputs) != 2 or len(places) != 1:
        return ""
    return f" ({called(node.inputs[1 - places[0]])}, not {called(node.inputs[places[0]])})"


def of_local(edge: Edge, upstream: float, called: Called) -> Iterator[WrongNumber]:
    """Yield wrong answers to the question for a local gradient, the likeliest first.

    Args:
        edge: the edge.
        upstream: the gradient of its node.
        called: returns the name of a node.
    """
    yield from slips(edge, called)
    node = called(edge.node)
    yield wrong_number(edge.local * upstream, "upstream-included", local=format_partial(edge, called))
    yield wrong_number(edge.node.data, "value-for-slope", node=node)
    yield wrong_number(-edge.local, "sign")


# --- steps and paths ----------------------------------------------------------------------------------


def of_step(step: Step, called: Called) -> list[WrongNumber]:
    """Return wrong answers to the question what a step of a walk computes, the likeliest first.

    What a step computes is the value of a node, the gradient that the root starts from, or what the chain rule adds to
    the gradient of an operand.

    Args:
        step: the step.
        called: returns the name of a node.

    >>> from engine import walk
    >>> a, b = Value(2.0, "a"), Value(-3.0, "b")
    >>> step = walk(a * b)[-1]
    >>> for number, code, _ in of_step(step, lambda node: node.label or "f")[:4]:
    ...     print(number, code)
    2.0 upstream-left-out
    1.0 local-left-out
    3.0 added-not-multiplied
    2.0 total-for-contribution
    """
    if isinstance(step, Forward):
        return list(of_value(step.node, called, depth=1))
    if not isinstance(step, Backward):
        root = called(step.node)
        return [wrong_number(step.node.data, "value-for-seed", root=root), wrong_number(0.0, "seed-left-out")]
    edge, upstream = Edge(step.node, step.position), step.upstream
    return [
        wrong_number(step.local, "upstream-left-out", local=format_partial(edge, called)),
        wrong_number(upstream, "local-left-out"),
        wrong_number(step.local + upstream, "added-not-multiplied", factors="The local and the upstream gradient"),
        wrong_number(step.after, "total-for-contribution", operand=called(step.operand), part="this step"),
        *(slip._replace(number=slip.number * upstream) for slip in slips(edge, called)),
        wrong_number(-step.contribution, "sign"),
    ]


def of_path(path: Sequence[Edge], grad: float, called: Called) -> Iterator[WrongNumber]:
    """Yield wrong answers to the question for the product along a path, the likeliest first.

    Args:
        path: its edges, from the root down.
        grad: the whole gradient of the node at its end.
        called: returns the name of a node.
    """
    locals_ = [edge.local for edge in path]
    if len(path) > 1:
        yield _added(sum(locals_), locals_)
        for place, edge in enumerate(path):
            factor = f"{format_partial(edge, called)} = {format_number(edge.local)}"
            yield wrong_number(_without(path, place), "factor-left-out", factor=factor)
    for place, edge in enumerate(path):
        for slip in slips(edge, called):
            yield slip._replace(number=slip.number * _without(path, place))
    end = called(path[-1].operand)
    yield wrong_number(grad, "total-for-contribution", operand=end, part="this path")
    yield wrong_number(-multiply_locals(path), "sign")


def of_gradient(order: Sequence[Value], node: Value, called: Called, *, hints: bool = False) -> Iterator[WrongNumber]:
    """Yield wrong answers to the question for the gradient of a node, the likeliest first.

    Args:
        order: the graph, operands before results.
        node: the node, not the root.
        called: returns the name of a node.
        hints: whether to add the local gradients at the node where one is wrong, unless they are the answer.
    """
    names = {"node": called(node), "root": called(order[-1])}
    paths = Paths(order, node)
    if 0 < paths.count() <= MAX_PATHS:
        yield from _of_paths(list(paths), names, called)
    yield from _of_rules(order, paths, called, hints)
    yield wrong_number(-_gradient(order, node, {}), "sign")
    yield wrong_number(order[-1].data, "result-for-gradient", **names)
    yield wrong_number(node.data, "value-for-gradient", **names)


def _of_paths(paths: list[list[Edge]], names: Mapping[str, str], called: Called) -> Iterator[WrongNumber]:
    """Yield what comes of paths left out, and of adding and multiplying in the wrong places."""
    total = len(paths)
    for count in range(total - 1, 0, -1):
        for taken in combinations(range(total), count):
            missing = ", ".join(format_path(path, called) for place, path in enumerate(paths) if place not in taken)
            number = sum(multiply_locals(paths[place]) for place in taken)
            yield wrong_number(number, "path-left-out", count=count, total=total, missing=missing, **names)
    if total > 1:
        yield wrong_number(prod(map(multiply_locals, paths)), "multiplied-not-added")
    longest = max(paths, key=len)
    if len(longest) > 1:
        yield _added(sum(edge.local for path in paths for edge in path), [edge.local for edge in longest])
        last = dict.fromkeys(path[-1] for path in paths)
        local = " + ".join(format_partial(edge, called) for edge in last)
        yield wrong_number(sum(edge.local for edge in last), "upstream-left-out", local=local)


def _of_rules(order: Sequence[Value], paths: Paths, called: Called, hints: bool) -> Iterator[WrongNumber]:
    """Yield what comes of each mistake in local gradients, at each node alone and at all nodes together."""
    hints = hints and sum(bool(each.inputs) for each in order) > 1
    for code, is_possible, rule in LOCAL_RULES:
        broken = {
            each: tuple(rule(each, place) for place in range(len(each.inputs))) for each in order if is_possible(each)
        }
        for nodes in [*([each] for each in broken), *([list(broken)] if len(broken) > 1 else [])]:
            number = _gradient(order, paths.source, {each: broken[each] for each in nodes})
            operands = _operands(nodes[0], paths.edges.get(nodes[0], []), called)
            slip = wrong_number(number, code, node=called(nodes[0]), operands=operands)
            yield slip._replace(sentence=f"{slip.sentence} {_local_gradients(nodes[0], called)}") if hints else slip


def _gradient(order: Sequence[Value], node: Value, locals_: Mapping[Value, tuple[float, ...]]) -> float:
    """Return the gradient of a node if some nodes had these local gradients."""
    reached = dict.fromkeys(order, 0.0)
    reached[order[-1]] = 1.0
    for each in reversed(order):
        for operand, local in zip(each.inputs, locals_.get(each, each.local_grads), strict=True):
            reached[operand] += local * reached[each]
    return reached[node]


def _local_gradients(node: Value, called: Called) -> str:
    edges = dict.fromkeys(Edge(node, index) for index in range(len(node.inputs)))
    parts = dict.fromkeys(f"{format_partial(edge, called)} = {format_number(edge.local)}" for edge in edges)
    return f"Look at {called(node)} = {statement(node, called)}: {', '.join(parts)}."


def _added(number: float, locals_: Sequence[float]) -> WrongNumber:
    factors = listed(map(format_number, locals_), most=8)
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
    ops.add: (
        ("wrong-operation", {"does": "multiplies", "doing": "adding"}, lambda x, y: x * y),
        ("wrong-operation", {"does": "subtracts", "doing": "adding"}, lambda x, y: x - y),
    ),
    ops.sub: (
        ("wrong-operation", {"does": "adds", "doing": "subtracting"}, lambda x, y: x + y),
        ("operands-swapped", {}, lambda x, y: y - x),
    ),
    ops.mul: (
        ("wrong-operation", {"does": "adds", "doing": "multiplying"}, lambda x, y: x + y),
        ("sign-lost", {}, lambda x, y: -x * y),
    ),
    ops.div: (
        ("operands-swapped", {}, lambda x, y: y / x),
        ("wrong-operation", {"does": "multiplies", "doing": "dividing"}, lambda x, y: x * y),
    ),
    ops.relu: (("kink-ignored", {"operation": "relu"}, lambda x: x),),
    ops.abs: (("kink-ignored", {"operation": "abs"}, lambda x: x),),
    ops.maximum: (("wrong-operation", {"does": "takes the smaller number", "doing": "the larger"}, min),),
    ops.minimum: (("wrong-operation", {"does": "takes the larger number", "doing": "the smaller"}, max),),
    ops.power.bind(exponent=2.0): (
        ("wrong-operation", {"does": "doubles", "doing": "squaring"}, lambda x: 2.0 * x),
        ("sign-lost", {}, lambda x: -x * x),
    ),
}  # fmt: skip


def of_value(node: Value, called: Called, depth: int | None = None) -> Iterator[WrongNumber]:
    """Yield wrong answers to the question for the value of a node, the likeliest first.

    Args:
        node: the node.
        called: returns the name of a node.
        depth: 1 where the values of its operands are given; None where they are to be computed too.
    """
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
    """Yield wrong answers to the question for a number after a step of gradient descent, the likeliest first.

    Args:
        node: the leaf that takes the step.
        root: the loss.
        grad: the gradient of the leaf.
        rate: the learning rate.
        called: returns the name of a node.
        wrong: wrong gradients.
    """
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
    """Yield wrong answers to the question for the result after a step of gradient descent, the likeliest first.

    Args:
        order: the graph, operands before results.
        node: the leaf that takes the step.
        grad: the gradient of the leaf.
        rate: the learning rate.
        called: returns the name of a node.
    """
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
