"""The exercises of the lessons: the engine knows the answers, and each classic mistake has its own hint.

An exercise is an expression with numbers. The right answer comes from backpropagation and, independently, from
central differences. The wrong answers come from backpropagation with one rule broken: a path left out, local
gradients added instead of multiplied, the derivative of the wrong operand. Who answers with such a number is told
which rule it was.

It works for the exercises of the lessons and for expressions of your own:

>>> check("4a", 1)
Not yet. You have 1 of 2 paths from a to f. Missing: a -> d -> f.
>>> check(gradient("d = a*b; d*d", "a", a=2, b=3), 18)
Not yet. You have 1 of 2 paths from a to f. Missing: a -> d -> f.
>>> check(gradient("d = a*b; d*d", "a", a=2, b=3), 36)
Right: df/da = 36.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from numbers import Real
from typing import NamedTuple

from engine import UsageError, Value, grad, jacobian, jvp, parse, topological_order, walk
from engine.graph import recomputed

CLOSE = 5e-3  # relative: an answer may be rounded to three digits
MOST_PATHS = 6  # with more of them, nobody follows them by hand
NO_ANSWER = "Put your answer in the place of the three dots."

Locals = tuple[float, ...]


class Mistake(NamedTuple):
    """Hold the number that a classic mistake leads to, and what helps whoever made it."""

    number: float
    hint: str


@dataclass(frozen=True)
class Exercise:
    """Hold a question that a number answers.

    Attributes:
        question: what is asked.
        asked: what the number is called, such as ``df/da``.
        right: the right answer.
        mistakes: wrong answers that have a reason; where two lead to the same number, the first counts.
        help: what to try next after any other wrong answer.
        solution: the way to the answer.
        root: the expression as a graph, to draw and to walk, where there is one.
    """

    question: str
    asked: str
    right: float
    mistakes: tuple[Mistake, ...] = ()
    help: str = ""
    solution: str = ""
    root: Value | None = None

    def judged(self, answer: object) -> str:
        """Return what to say to an answer."""
        if isinstance(answer, Value):
            answer = answer.data
        if not isinstance(answer, Real):
            return f"An answer is a number, such as -2 or 1/3, not {type(answer).__name__} {answer!r:.40}."
        number = float(answer)
        if _same(number, self.right):
            return f"Right: {self.asked} = {self.right:.6g}."
        hints = (mistake.hint for mistake in self.mistakes if _same(number, mistake.number))
        return f"Not yet. {next(hints, self.help)}"


@dataclass(frozen=True)
class OrderExercise:
    """Hold a question that an order of nodes answers: any order in which each operand comes before its results.

    Attributes:
        question: what is asked.
        operands: the names of each node's operands.
        solution: one right order.
        root: the expression as a graph.
    """

    question: str
    operands: Mapping[str, tuple[str, ...]]
    solution: str
    root: Value

    def judged(self, answer: object) -> str:
        """Return what to say to an answer."""
        given = answer.replace(",", " ").split() if isinstance(answer, str) else answer
        if not isinstance(given, Sequence) or not all(isinstance(name, str) for name in given):
            return f"An answer is the names in order, such as 'a b f', not {type(answer).__name__} {answer!r:.40}."
        return self._trouble(given) or f"Right: {', '.join(given)} is a topological order."

    def _trouble(self, given: Sequence[str]) -> str:
        for name in given:
            if name not in self.operands:
                return f"Not yet. There is no node {name!r}; the nodes are {', '.join(sorted(self.operands))}."
            if given.count(name) > 1:
                return f"Not yet. {name} stands there {given.count(name)} times; each node is visited once."
        for place, name in enumerate(given):
            late = [operand for operand in self.operands[name] if operand not in given[:place]]
            if late:
                return f"Not yet. {name} is computed from {late[0]}, so {late[0]} must come before {name}."
        missing = [name for name in self.operands if name not in given]
        return f"Not yet. {missing[0]} is missing." if missing else ""


AnyExercise = Exercise | OrderExercise


def check(exercise: str | AnyExercise, answer: object = ...) -> None:
    """Say whether an answer is right, and if not, what may have gone wrong; without one, ask the question.

    Args:
        exercise: the name of an exercise of the lessons, such as ``"3a"``, or one of your own, as `gradient` and
            the functions below it make them.
        answer: a number or a Value; for an order, the names of the nodes.

    Raises:
        UsageError: there is no exercise of this name.

    >>> check("2a")
    f = a*b, with a = 2, b = -3. What is df/db?
    Put your answer in the place of the three dots.
    >>> check("2a", -3)
    Not yet. That is the derivative by the other operand.
    """
    found = _found(exercise)
    print(f"{found.question}\n{NO_ANSWER}" if answer is ... else found.judged(answer))


def solution(exercise: str | AnyExercise) -> None:
    """Show the way to the answer of an exercise, step by step.

    >>> solution("4a")
    seed      f: grad 0 -> 1
    backward  f -> d: local 1 * upstream 1 = 1; grad 0 -> 1
    backward  f -> a: local 1 * upstream 1 = 1; grad 0 -> 1
    backward  d -> a: local -3 * upstream 1 = -3; grad 1 -> -2
    backward  d -> b: local 2 * upstream 1 = 2; grad 0 -> 2
    df/da = -2
    """
    print(_found(exercise).solution)


def _found(exercise: str | AnyExercise) -> AnyExercise:
    if not isinstance(exercise, str):
        return exercise
    if exercise not in EXERCISES:
        raise UsageError(f"there is no exercise {exercise!r}; there are {', '.join(EXERCISES)}")
    return EXERCISES[exercise]()


def _same(a: float, b: float) -> bool:
    return math.isclose(a, b, rel_tol=CLOSE, abs_tol=1e-9)


# --- expressions ---------------------------------------------------------------------------------------


@dataclass
class _Graph:
    """Hold an expression with numbers as a graph whose root has a name.

    Attributes:
        told: the expression and its numbers in words.
        names: a name for each node.
    """

    text: str
    numbers: Mapping[str, float]
    root: Value = field(init=False)
    order: list[Value] = field(init=False)
    names: Mapping[Value, str] = field(init=False)
    told: str = field(init=False)

    def __post_init__(self) -> None:
        self.root = parse(self.text, **self.numbers)
        self.order = topological_order(self.root)
        *before, last = (part.strip() for part in self.text.replace("\n", ";").split(";") if part.strip())
        if not self.root.label:
            taken = {node.label for node in self.order}
            self.root.label = next(name for name in ("f", "g", "y", "out", "result") if name not in taken)
            last = f"{self.root.label} = {last}"
        self.names = walk(self.root).names
        given = ", ".join(f"{name} = {number:.6g}" for name, number in self.numbers.items())
        self.told = "; ".join([*before, last]) + f", with {given}"

    def node(self, name: str) -> Value:
        """Return the node of this name."""
        for node, label in self.names.items():
            if label == name:
                return node
        named = ", ".join(node.label for node in self.order if node.label)
        raise UsageError(f"{self.text!r} has nothing called {name!r}; it has {named}")

    def called(self, of: str) -> str:
        """Return how the derivative by a node is written."""
        return f"d{self.root.label}/d{of}"

    def moved(self, numbers: Mapping[Value, float]) -> float:
        """Return the root's number with other numbers in some nodes."""
        return recomputed(self.order, numbers)[self.root]

    def gradient(self, node: Value) -> float:
        """Return the derivative by a node: by the chain rule, once central differences have confirmed it."""
        step = 1e-5 * max(1.0, abs(node.data))
        ahead, behind = self.moved({node: node.data + step}), self.moved({node: node.data - step})
        found = jacobian([self.root], [node])[0][0]
        return _confirmed(found, (ahead - behind) / (2.0 * step), self.told)

    def carried(self, locals_of: Callable[[Value], Locals], to: Value) -> float:
        """Return what reaches a node from the root if these are the local gradients."""
        reached = dict.fromkeys(self.order, 0.0)
        reached[self.root] = 1.0
        for node in reversed(self.order):
            for operand, local in zip(node.inputs, locals_of(node), strict=True):
                reached[operand] += local * reached[node]
        return reached[to]

    def paths(self, start: Value) -> int:
        """Return how many paths lead from a node to the root: the gradient, if each local gradient were 1."""
        return round(self.carried(lambda node: (1.0,) * len(node.inputs), start))

    def forward(self, node: Value) -> str:
        """Return how a node is computed, such as ``d = a * b``."""
        assert node.op is not None
        return f"{self.names[node]} = {node.op.written(*map(self.names.__getitem__, node.inputs))}"

    def locals_told(self, node: Value) -> str:
        """Return the local gradients of a node in a sentence, but for the only node: there they are the answer."""
        if sum(bool(each.inputs) for each in self.order) == 1:
            return ""
        by = (
            f"{local:.6g} by {self.names[operand]}"
            for operand, local in zip(node.inputs, node.local_grads, strict=True)
        )
        return f" Look at {self.forward(node)}: the local gradient is {', '.join(by)}."


def _confirmed(found: float, numeric: float, what: str) -> float:
    if not math.isclose(found, numeric, rel_tol=1e-4, abs_tol=1e-6):
        raise UsageError(
            f"{what}: the chain rule gives {found:.6g} and nudging {numeric:.6g}: a kink is here, or a very steep "
            "place; take other numbers"
        )
    return found


# --- the classic mistakes: backpropagation with a rule broken ----------------------------------------------
# Each takes a node and returns its local gradients as the mistake has them, or nothing where it cannot be made.


def _other_operand(node: Value) -> Locals | None:
    return node.local_grads[::-1] if _is(node, "mul", "div", "pow") else None


def _times_as_plus(node: Value) -> Locals | None:
    return (1.0, 1.0) if _is(node, "mul") else None


def _minus_as_plus(node: Value) -> Locals | None:
    return (1.0,) * len(node.inputs) if _is(node, "sub", "neg") else None


def _exponent_kept(node: Value) -> Locals | None:
    return (_exponent(node) * node.data,) if _is(node, "power") else None


def _factor_left_out(node: Value) -> Locals | None:
    return (node.local_grads[0] / _exponent(node),) if _is(node, "power") and _exponent(node) else None


def _value_for_slope(node: Value) -> Locals | None:
    return (node.data,) if _is_function(node) else None


def _slope_left_out(node: Value) -> Locals | None:
    return (1.0,) if _is_function(node) else None


def _slope_at_input(node: Value) -> Locals | None:
    if not _is(node, "tanh", "sigmoid"):
        return None
    assert node.op is not None
    x = node.inputs[0].data
    return node.op.rule(x, x)


def _is(node: Value, *names: str) -> bool:
    return node.op is not None and node.op.name in names


def _is_function(node: Value) -> bool:
    return len(node.inputs) == 1 and not _is(node, "neg", "power")


def _exponent(node: Value) -> float:
    assert node.op is not None
    return node.op.parameters["exponent"]


BROKEN_RULES: tuple[tuple[Callable[[Value], Locals | None], str], ...] = (
    (_other_operand, "That is the derivative by the other operand."),
    (_exponent_kept, "When the exponent comes down as a factor, one is taken from it: x**n has the slope n*x**(n-1)."),
    (_factor_left_out, "The exponent comes down as a factor: x**n has the slope n*x**(n-1)."),
    (_minus_as_plus, "A minus turns the sign of the gradient that goes through it."),
    (_times_as_plus, "Only plus passes a gradient on as it is; times multiplies it by the other operand."),
    (_slope_left_out, "The slope of the function is left out: it is one more factor on the path."),
    (_slope_at_input, "This slope is written with the function's output; you put the input in."),
    (_value_for_slope, "You took the function's value for its slope."),
)


def _path_products(graph: _Graph, start: Value) -> list[tuple[list[str], Locals]]:
    """Return each path from a node to the root: the names on it, and its local gradients."""
    ends = {start}
    for node in graph.order:
        if not ends.isdisjoint(node.inputs):
            ends.add(node)
    found: list[tuple[list[str], Locals]] = []
    waiting: list[tuple[Value, list[str], Locals]] = [(graph.root, [graph.names[graph.root]], ())]
    while waiting:
        node, names, locals_ = waiting.pop()
        if node is start:
            found.append((names, locals_))
            continue
        for operand, local in zip(node.inputs, node.local_grads, strict=True):
            if operand in ends:
                waiting.append((operand, [graph.names[operand], *names], (local, *locals_)))
    return found


def _mistakes_on_paths(graph: _Graph, start: Value) -> Iterator[Mistake]:
    """Yield what comes of paths left out, and of adding and multiplying in the wrong places."""
    paths = _path_products(graph, start)
    products = [math.prod(locals_) for _, locals_ in paths]
    ends = f"from {graph.names[start]} to {graph.names[graph.root]}"
    for count in range(len(paths) - 1, 0, -1):
        for taken in combinations(range(len(paths)), count):
            missing = (" -> ".join(names) for i, (names, _) in enumerate(paths) if i not in taken)
            hint = f"You have {count} of {len(paths)} paths {ends}. Missing: {', '.join(missing)}."
            yield Mistake(sum(products[i] for i in taken), hint)
    if len(paths) > 1:
        yield Mistake(math.prod(products), "What comes by different paths is added, not multiplied.")
    longest = max((locals_ for _, locals_ in paths), key=len)
    if len(longest) > 1:
        factors = " * ".join(f"({x:.6g})" if x < 0.0 else f"{x:.6g}" for x in longest)
        added = "Along a path the local gradients are multiplied, not added"
        yield Mistake(sum(sum(locals_) for _, locals_ in paths), f"{added}: one path has {factors}.")
        alone = "That is the local gradient alone. Multiply it by the upstream gradient: that of the node it leads to."
        yield Mistake(sum(locals_[0] for _, locals_ in paths), alone)


def _mistakes_at_nodes(graph: _Graph, start: Value) -> Iterator[Mistake]:
    """Yield what comes of each broken rule, at each node alone and at all nodes together."""
    for rule, hint in BROKEN_RULES:
        broken = {node: locals_ for node in graph.order if node.inputs and (locals_ := rule(node)) is not None}
        for nodes in [*([node] for node in broken), list(broken)]:
            if nodes:
                changed = {node: broken[node] for node in nodes}
                number = graph.carried(lambda node, at=changed: at.get(node, node.local_grads), start)  # type: ignore[misc]
                yield Mistake(number, f"{hint}{graph.locals_told(nodes[0])}")


def _mistakes(graph: _Graph, start: Value, right: float) -> Iterator[Mistake]:
    """Yield the classic mistakes about the derivative by a node, the likeliest first."""
    if graph.paths(start) in range(1, MOST_PATHS + 1):
        yield from _mistakes_on_paths(graph, start)
    yield from _mistakes_at_nodes(graph, start)
    yield Mistake(-right, "The size is right, the sign is not.")
    name, root = graph.names[start], graph.names[graph.root]
    yield Mistake(graph.root.data, f"That is {root} itself. Asked is how fast it changes when {name} does.")
    yield Mistake(start.data, f"That is {name} itself. Asked is how fast {root} changes when {name} does.")


# --- kinds of exercises ---------------------------------------------------------------------------------------


def gradient(text: str, of: str, /, **numbers: float) -> Exercise:
    """Return the exercise that asks for the derivative of an expression by one of its inputs or named parts.

    Args:
        text: the expression, as `engine.parse` reads it.
        of: the name of the input or part.
        numbers: a number for each name in the expression.

    Raises:
        UsageError: the expression has no part of this name, or nudging gives another number, as on a kink.
        ExpressionError: the text is no expression, or a number is missing.
    """
    graph = _Graph(text, numbers)
    node = graph.node(of)
    right = graph.gradient(node)
    ahead = node.data + 0.001
    return Exercise(
        f"{graph.told}. What is {graph.called(of)}?",
        graph.called(of),
        right,
        tuple(_mistakes(graph, node, right)),
        f"Nudge it: as {of} goes from {node.data:.6g} to {ahead:.6g}, {graph.root.label} goes from "
        f"{graph.root.data:.6g} to {graph.moved({node: ahead}):.6g}. Divide the change by 0.001.",
        "\n".join([*_backward_told(graph), f"{graph.called(of)} = {right:.6g}"]),
        graph.root,
    )


def _backward_told(graph: _Graph) -> list[str]:
    steps = walk(graph.root)
    return [steps.told(step) for step in steps[steps.seed_index :]]


def nudge(text: str, of: str, by: float, /, **numbers: float) -> Exercise:
    """Return the exercise that asks how much an expression changes, per unit, when an input moves a little."""
    graph = _Graph(text, numbers)
    node, root = graph.node(of), graph.root
    ahead = graph.moved({node: node.data + by})
    change = ahead - root.data
    return Exercise(
        f"{graph.told}. Nudge {of} by {by:g}. By how much does {root.label} change, divided by the nudge?",
        f"the change divided by {by:g}",
        change / by,
        (
            Mistake(change, f"That is the change. Divide it by the nudge, {by:g}."),
            Mistake(ahead, f"That is {root.label} after the nudge. Subtract {root.label} before it, then divide."),
            Mistake(-change / by, "The sign: take the new number minus the old one."),
            Mistake(graph.gradient(node), f"That is the limit for tiny nudges. With {by:g} it is not quite that."),
            Mistake(ahead / by, f"Subtract {root.label} before the nudge first; only the change is divided."),
        ),
        f"{root.label} is {root.data:.6g} before the nudge. Compute it at {of} = {node.data + by:.6g}.",
        f"({ahead:.6g} - {_bracketed(root.data)}) / {by:g} = {change / by:.6g}",
        root,
    )


def updated(text: str, of: str, lr: float, /, **numbers: float) -> Exercise:
    """Return the exercise that asks for a weight after one step of gradient descent."""
    graph = _Graph(text, numbers)
    node = graph.node(of)
    slope, loss = graph.gradient(node), graph.root.label
    return Exercise(
        f"{graph.told}. One step of gradient descent with learning rate {lr:g}: what is {of} then?",
        f"{of} after the step",
        node.data - lr * slope,
        (
            Mistake(node.data + lr * slope, f"You went up the slope. Step against the gradient, so that {loss} falls."),
            Mistake(node.data - slope, f"Multiply the gradient by the learning rate, {lr:g}, before you subtract it."),
            Mistake(lr * slope, f"That is the length of the step. Subtract it from {of}."),
            Mistake(-lr * slope, f"That is the step. Add it to {of}."),
            Mistake(slope, f"That is the gradient. The new {of} is {of} - {lr:g} * gradient."),
            Mistake(node.data - lr * graph.root.data, f"Subtract the gradient of {loss}, not {loss} itself."),
            *(
                Mistake(node.data - lr * mistake.number, f"The step is right, the gradient is not. {mistake.hint}")
                for mistake in _mistakes(graph, node, slope)
            ),
        ),
        f"The new {of} is {of} - {lr:g} * {graph.called(of)}. Find {graph.called(of)} first.",
        f"{graph.called(of)} = {slope:.6g}\n{of} = {node.data:.6g} - {lr:g} * {_bracketed(slope)} = "
        f"{node.data - lr * slope:.6g}",
        graph.root,
    )  # fmt: skip


def second(text: str, of: str, by: str, /, **numbers: float) -> Exercise:
    """Return the exercise that asks for a second derivative: by one input, then by the same or another one."""
    graph = _Graph(text, numbers)
    first_node, second_node = graph.node(of), graph.node(by)
    slope = grad(graph.root, first_node)
    step = 1e-5 * max(1.0, abs(second_node.data))
    ahead, behind, nudged = (
        _gradient_at(text, of, {**numbers, by: second_node.data + shift}) for shift in (step, -step, 0.001)
    )
    right = _confirmed(grad(slope, second_node).data, (ahead - behind) / (2.0 * step), graph.told)
    name = graph.root.label
    asked = f"d2{name}/d{of}2" if of == by else f"d2{name}/d{of}d{by}"
    how = (
        "the derivative of the derivative"
        if of == by
        else f"the derivative by {of}, and of that the derivative by {by}"
    )
    return Exercise(
        f"{graph.told}. What is {asked}, {how}?",
        asked,
        right,
        (
            Mistake(slope.data, f"That is the first derivative, {graph.called(of)}. Differentiate it once more."),
            Mistake(slope.data**2, "That is the first derivative, squared. Differentiate it once more instead."),
            Mistake(_gradient_at(text, by, numbers), f"That is the first derivative, {graph.called(by)}."),
            Mistake(grad(slope, first_node).data, f"Differentiate by {by} the second time, not by {of} again."),
            Mistake(-right, "The size is right, the sign is not."),
            Mistake(right / 2.0, "Half of it is missing: an exponent that comes down is a factor each time."),
        ),
        f"The first derivative, {graph.called(of)}, is {slope.data:.6g} here, and {nudged:.6g} when {by} is larger by "
        "0.001. Divide the change by that.",
        f"{graph.called(of)} = {slope.data:.6g}\n{asked} = {right:.6g}",
        graph.root,
    )


def _gradient_at(text: str, of: str, numbers: Mapping[str, float]) -> float:
    graph = _Graph(text, numbers)
    return graph.gradient(graph.node(of))


def directional(text: str, tangents: Mapping[str, float], /, **numbers: float) -> Exercise:
    """Return the exercise that asks how fast an expression changes when its inputs move at these speeds."""
    graph = _Graph(text, numbers)
    moving = {graph.node(name): speed for name, speed in tangents.items()}
    shares = [graph.gradient(node) * speed for node, speed in moving.items()]
    right = jvp(graph.root, moving)
    speeds = ", ".join(f"{name} at {speed:g}" for name, speed in tangents.items())
    return Exercise(
        f"{graph.told}. The inputs move: {speeds} units per second. How fast does {graph.root.label} move?",
        f"the speed of {graph.root.label}",
        _confirmed(right, sum(shares), graph.told),
        (
            *(
                Mistake(share, f"That is what {node.label} contributes alone. All inputs move; add what each brings.")
                for node, share in zip(moving, shares, strict=True)
            ),
            Mistake(math.prod(tangents.values()), "That multiplies the speeds. Add what each brings."),
            Mistake(sum(tangents.values()), "That adds the speeds. Multiply each by its local gradient first."),
            Mistake(sum(map(graph.gradient, moving)), "That adds the gradients. Multiply each by its speed first."),
            Mistake(-right, "The size is right, the sign is not."),
        ),
        "Go forward: the speed of a node is the sum, over its operands, of local gradient times the operand's speed.",
        " + ".join(f"{_bracketed(graph.gradient(node))} * {_bracketed(speed)}" for node, speed in moving.items())
        + f" = {right:.6g}",
        graph.root,
    )  # fmt: skip


def paths(text: str, of: str, /, **numbers: float) -> Exercise:
    """Return the exercise that asks how many paths lead from an input to the result."""
    graph = _Graph(text, numbers)
    node = graph.node(of)
    edges = sum(len(each.inputs) for each in graph.order)
    uses = sum(each.inputs.count(node) for each in graph.order)
    found = graph.paths(node)
    return Exercise(
        f"{graph.told}. How many paths lead from {of} to {graph.root.label}?",
        "the number of paths",
        found,
        (
            Mistake(edges, "That is the number of edges: each is visited once by backpropagation. Count the ways."),
            Mistake(uses, f"That is how often {of} is used. Behind each use the ways may part again."),
            Mistake(len(graph.order), "That is the number of nodes."),
        ),
        f"Start at {of} and give every node the sum of the counts of its operands; a * a counts a twice.",
        f"paths: {found}; edges that backpropagation visits: {edges}",
        graph.root,
    )


def order(text: str, /, **numbers: float) -> OrderExercise:
    """Return the exercise that asks for a topological order; each part of the expression has a name."""
    graph = _Graph(text, numbers)
    operands = {graph.names[node]: tuple(graph.names[x] for x in node.inputs) for node in graph.order}
    question = f"{graph.told.partition(', with ')[0]}. Write all nodes, each operand before what is computed from it."
    return OrderExercise(question, operands, ", ".join(operands), graph.root)


def number(question: str, asked: str, right: float, help: str, *mistakes: tuple[float, str]) -> Exercise:
    """Return an exercise whose answer and wrong answers are given."""
    return Exercise(question, asked, right, tuple(Mistake(*each) for each in mistakes), help, f"{asked} = {right:.6g}")


def _bracketed(x: float) -> str:
    return f"({x:.6g})" if x < 0.0 else f"{x:.6g}"


# --- the exercises of the lessons --------------------------------------------------------------------------------


def _twice_without_zeroing() -> Exercise:
    a, b = Value(2.0, "a"), Value(-3.0, "b")
    f = a * b + a
    f.backward()
    once = a.grad or 0.0
    f.backward()
    return number(
        "f = a*b + a, with a = 2, b = -3. f.backward() runs twice, and nobody sets gradients to zero. What is a.grad?",
        "a.grad",
        a.grad or 0.0,
        f"One call leaves {once:g} in a.grad. What does += do at the second call?",
        (once, "That is df/da, what one call leaves. The second call adds to it."),
        (once * once, "Calls add up, they do not multiply."),
        (0.0, "Gradients are not set to zero by themselves; calls add up."),
    )


def _two_steps_without_zeroing() -> Exercise:
    def trained(zeroing: bool) -> float:
        w = Value(1.0)
        for _ in range(2):
            (w * w).backward()
            w.data -= 0.1 * (w.grad or 0.0)
            if zeroing:
                w.zero_grad()
        return w.data

    return number(
        "L = w*w, with w = 1, learning rate 0.1. Two steps, and zero_grad() is forgotten between them. What is w?",
        "w",
        trained(False),
        "After the first step w is 0.8 and w.grad still holds 2. The second backward pass adds 2 * 0.8 to it.",
        (trained(True), "That is w when gradients are set to zero in between. Here the old one is still in w.grad."),
        (0.8, "That is w after one step."),
        (0.6, "The second backward pass adds its own gradient to the old one."),
    )


def _newton() -> Exercise:
    x = Value(5.0, "x")
    f = x**2 - 4 * x
    slope = grad(f, x)
    first, bend = slope.data, grad(slope, x).data
    return number(
        "f = x**2 - 4*x, with x = 5. Newton's step subtracts f'/f'' from x. Where does it land?",
        "x after the step",
        x.data - first / bend,
        "f' = 2*x - 4 and f'' = 2. Put x = 5 in.",
        (x.data - first, "Divide the slope by the second derivative before you subtract it."),
        (x.data + first / bend, "Subtract: the step goes down the slope."),
        (first / bend, "That is the length of the step. Subtract it from x."),
        (x.data - first * bend, "Divide by the second derivative, do not multiply."),
    )


NEURON = "z = w1*x1 + w2*x2 + b; out = sigmoid(z)"
NEURON_NUMBERS = {"w1": 0.5, "x1": 2.0, "w2": 3.0, "x2": -1.0, "b": 2.0}
SMALL_NETWORK = "h = relu(w*x + b); p = v*h + c; L = (p - y)**2"
SMALL_NUMBERS = {"w": 1.0, "x": 2.0, "b": -1.0, "v": 3.0, "c": -1.0, "y": 1.0}
TANGLE = "d = a*b; e = d + a; f = d*e"

EXERCISES: dict[str, Callable[[], AnyExercise]] = {
    "1a": lambda: nudge("x**2", "x", 0.1, x=3.0),
    "1b": lambda: gradient("x**2", "x", x=-2.0),
    "1c": lambda: nudge("3*x + 4", "x", 0.5, x=10.0),
    "2a": lambda: gradient("a*b", "b", a=2.0, b=-3.0),
    "2b": lambda: gradient("a - b", "b", a=5.0, b=2.0),
    "2c": lambda: gradient("x**3", "x", x=2.0),
    "3a": lambda: gradient("u = 3*x; u**2", "x", x=2.0),
    "3b": lambda: gradient("u = 2*x; v = x**2; u*v", "x", x=3.0),
    "3c": lambda: gradient("u = 2*x; v = u - y; v**2", "y", x=3.0, y=1.0),
    "4a": lambda: gradient("d = a*b; d + a", "a", a=2.0, b=-3.0),
    "4b": lambda: gradient("a*a*a", "a", a=2.0),
    "4c": _twice_without_zeroing,
    "5a": lambda: order(TANGLE, a=2.0, b=3.0),
    "5b": lambda: gradient(TANGLE, "d", a=2.0, b=3.0),
    "5c": lambda: paths("u = a*a; v = u*u; v*v", "a", a=1.0),
    "6a": lambda: gradient(NEURON, "w1", **NEURON_NUMBERS),
    "6b": lambda: gradient(NEURON, "b", **NEURON_NUMBERS),
    "6c": lambda: gradient("z = w*x + b; out = relu(z)", "w", w=-1.0, x=2.0, b=1.0),
    "7a": lambda: gradient("e = p - y; L = e**2", "p", p=2.0, y=1.0),
    "7b": lambda: gradient(SMALL_NETWORK, "w", **SMALL_NUMBERS),
    "7c": lambda: updated(SMALL_NETWORK, "v", 0.1, **SMALL_NUMBERS),
    "8a": lambda: gradient("sigmoid(x)", "x", x=0.0),
    "8b": lambda: number(
        "Four sigmoids follow one another, and each is at its steepest. What is the product of their slopes?",
        "the product",
        0.25**4,
        "The steepest slope of sigmoid is the answer of 8a.",
        (4 * 0.25, "Slopes along a path are multiplied, not added."),
        (0.25, "That is one of them. There are four."),
        (0.5**4, "The value of sigmoid at 0 is 0.5; its slope is another number."),
    ),
    "8c": lambda: gradient("leaky_relu(x, slope=0.1)", "x", x=-4.0),
    "9a": lambda: updated("e = 2*w - 6; L = e**2", "w", 0.1, w=1.0),
    "9b": lambda: number(
        "L = w**2, with w = 1. At which learning rate does a step just swap w for -w, so that L stays as it is?",
        "the learning rate",
        1.0,
        "The step is w - lr * 2*w. Set it equal to -w.",
        (0.5, "With 0.5 the step lands at w = 0, the best there is."),
        (2.0, "With 2 the step goes from 1 to -3: the loss grows."),
    ),
    "9c": _two_steps_without_zeroing,
    "10a": lambda: number(
        "W1 has 2 rows and 3 columns, and 10 samples go through it. How many numbers does dL/dW1 hold?",
        "the numbers in dL/dW1",
        6,
        "One for each weight: a gradient has the shape of what it is the gradient of.",
        (60, "The samples are added up: each weight has one gradient."),
        (30, "That is the size of what comes out of the layer, 10 rows of 3."),
        (20, "That is the size of what goes into the layer, 10 rows of 2."),
        (1, "The loss is one number; its gradient has one for each weight."),
    ),
    "10b": lambda: number(
        "One sample: x = [2, -1], and what comes back is delta = [3, 5]. dL/dW = transposed(x) delta. "
        "What is its entry in row 1, column 0 (counted from 0)?",
        "the entry",
        -1.0 * 3.0,
        "Row i, column j is x[i] * delta[j].",
        (2.0 * 5.0, "That is row 0, column 1. The row belongs to x, the column to delta."),
        (-1.0 * 5.0, "That is column 1."),
        (2.0 * 3.0, "That is row 0."),
        (-1.0 + 3.0, "Multiply them: the local gradient of w * x by w is x."),
    ),
    "10c": lambda: number(
        "Two samples come back with delta = [[1, 1, -1], [-0.75, 0, 0.75]]. The bias b has one entry for each of the "
        "3 columns. What is dL/db[0]?",
        "dL/db[0]",
        1.0 - 0.75,
        "The bias is used once for each sample: it gets a sum over the rows.",
        ((1.0 - 0.75) / 2.0, "The mean of the loss is in delta already. Only add."),
        (1.0, "That is what the first sample brings. The bias is used by both."),
        (-0.75, "That is what the second sample brings. The bias is used by both."),
        (1.0 * -0.75, "What comes by different paths is added, not multiplied."),
    ),
    "11a": lambda: directional("a*b", {"a": 1.0, "b": 2.0}, a=2.0, b=-3.0),
    "11b": lambda: number(
        "A loss depends on 1000 weights. How many passes of forward mode give the whole gradient?",
        "the number of passes",
        1000,
        "One pass of forward mode gives the derivative in one direction.",
        (1, "That is what reverse mode needs. Forward mode follows one input at a time."),
        (1001, "So often nudging computes the loss: once for each weight, and once without a nudge."),
    ),
    "11c": lambda: number(
        "A function has 3 inputs and 50 outputs. How many passes give all 150 derivatives, in the cheaper mode?",
        "the number of passes",
        3,
        "Forward mode takes a pass for each input, reverse mode one for each output.",
        (50, "That is reverse mode, a pass for each output. The other one is cheaper here."),
        (150, "One pass gives a whole column, or a whole row, of the 150."),
        (1, "That would do for a single output."),
    ),
    "12a": lambda: second("x**3", "x", "x", x=3.0),
    "12b": lambda: second("a*a*b", "a", "b", a=2.0, b=5.0),
    "12c": _newton,
}  # fmt: skip


def answers() -> Iterable[tuple[str, str]]:
    """Return the name and the answer of each exercise of the lessons."""
    for name in EXERCISES:
        found = _found(name)
        yield name, f"{found.right:.6g}" if isinstance(found, Exercise) else found.solution
