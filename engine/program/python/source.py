"""The source of programs and of training steps: the lines of a plan, in functions of a readable size."""

import ast
import builtins
import keyword
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

from ...name import Names
from ...operation import TABLE, constant
from ...support.text import printable
from ...value import Value
from ..backend import Update
from ..lowering import Apply, Lowered
from ..plan import ABSENT, Plan
from .expressions import Writer, rule_in_words

MAX_IN_FUNCTION = 1_000  # lines: Python compiles functions much longer than that ever more slowly
MAX_UNPACKED = 200  # names in one line: before a star, Python takes 255
MAX_TERMS = 64  # of a sum in one line
INDENT, SPACE = "    ", "\n\n\n"
# What no node may be called. Programs also have names that begin with an underscore and a letter; nodes have none.
TAKEN = {*dir(builtins), *keyword.kwlist, *keyword.softkwlist, *dir(math), "inputs", "parameters"}
WORD = re.compile(r"\w+")


def identifiers(order: Sequence[Value], variables: Mapping[str, Any] | None = None) -> list[str]:
    """Return the name of each node in a program."""
    return Names(order, variables).identifiers({*TAKEN, *TABLE})


class Line(NamedTuple):
    """An assignment, the names that it reads, the rule behind it, and the part of the graph that begins with it."""

    target: str
    formula: str
    reads: tuple[str, ...]
    comment: str = ""
    sign: str = "="  # or += for a gradient that accumulates
    heading: str = ""

    @property
    def text(self) -> str:
        """The line without its comment."""
        return f"{self.target} {self.sign} {self.formula}"


class Unrolled:
    """A plan as lines of Python, one for each operation and each step of the chain rule.

    Attributes:
        own_names: an identifier for each node.
        names: the name of each node's value; the number of a constant.
    """

    def __init__(self, plan: Plan, own_names: Sequence[str], writer: Writer) -> None:
        self.plan, self.own_names, self.writer = plan, own_names, writer
        self.names = [self._name(number) for number in range(len(plan.order))]

    def _name(self, number: int) -> str:
        plan = self.plan
        if number in plan.constants and (plan.optimisations.fold or plan.order[number].op is not constant):
            return self.writer.number(plan.constants[number])
        return self.own_names[plan.source[number]]

    def forward(self) -> Iterator[Line]:
        """Yield the lines of the forward pass."""
        plan, names = self.plan, self.names
        if not plan.optimisations.fold:
            for number in plan.constants:
                if plan.order[number].op is constant:
                    yield Line(names[number], self.writer.number(plan.constants[number]), ())
        scope: tuple[str, ...] = ()
        for number in plan.forward:
            node, operands = plan.order[number], [names[x] for x in plan.operands[number]]
            heading = "" if node.scope == scope else " / ".join(map(printable, node.scope)) or "outside any scope"
            scope = node.scope
            formula = self.writer.value(node.op).format(*operands)
            yield Line(names[number], formula, tuple(operands), heading=heading)

    def backward(self) -> Iterator[Line]:
        """Yield the lines of the backward pass: the seed, and then each step of the chain rule."""
        plan, names, own = self.plan, self.names, self.own_names
        leaves = {number for number in plan.wrt if number != ABSENT}
        yield Line(f"d_{own[plan.root]}", "1.0", (), "the seed")
        begun = {plan.root}
        for number, position in plan.backward:
            node, operands = plan.order[number], [names[x] for x in plan.operands[number]]
            upstream, receiver = f"d_{own[number]}", plan.operands[number][position]
            target = f"d_{own[receiver]}"
            formula = self.writer.step(node.op, position).format(*operands, out=names[number], d=upstream)
            comment = rule_in_words(node.op, position)
            reads = (*operands, names[number], upstream)
            if receiver in begun:
                yield Line(target, formula, (*reads, target), comment, "+=")
            else:  # from 0.0, since a sum that backward() accumulates is never -0.0
                yield Line(target, f"0.0 + {formula}" if receiver in leaves else formula, reads, comment)
            begun.add(receiver)
        for number in sorted(leaves - begun):
            yield Line(f"d_{own[number]}", "0.0", (), "the loss does not depend on it")

    def gradients(self) -> list[str]:
        """Return the names of the gradients that are asked for."""
        return ["0.0" if number == ABSENT else f"d_{self.own_names[number]}" for number in self.plan.wrt]

    def homes(self) -> dict[str, str]:
        """Return the place of each number that is passed in, by its name."""
        given = (("inputs", self.plan.inputs), ("parameters", self.plan.parameters))
        places = [(number, f"{kind}[{place}]") for kind, numbers in given for place, number in enumerate(numbers)]
        return {self.own_names[number]: home for number, home in places if number != ABSENT}


def function(name: str, sentence: str, homes: Mapping[str, str], parts: Sequence[tuple[str, Sequence[Line]]],
             loss: str | None, others: Sequence[str]) -> list[str]:  # fmt: skip
    """Return the source of a function that computes lines, as one function or, if it is long, as several.

    Each part of the lines has a heading; the homes are the places of the numbers that are passed in, by their names.
    The last function has the name and the sentence. Without a loss, it returns a tuple of the other results alone.
    """
    head = [f"def {name}(inputs, parameters):", f'{INDENT}"""{sentence}"""']
    lines = [line for _, part in parts for line in part]
    if len(lines) <= MAX_IN_FUNCTION:
        return ["\n".join([*head, *_unpacked(homes), *_body(parts), _returned(loss, others)])]
    pieces = [lines[start : start + MAX_IN_FUNCTION] for start in range(0, len(lines), MAX_IN_FUNCTION)]
    shared = _shared(pieces, [loss, *others])
    where = {**homes, **shared}
    sources = [_piece(f"{name}_{number}", piece, where, shared) for number, piece in enumerate(pieces, 1)]
    calls = [f"{INDENT}{name}_{number}(_v, inputs, parameters)" for number in range(1, len(pieces) + 1)]
    found = _returned(loss and where.get(loss, loss), [where.get(other, other) for other in others])
    return [*sources, "\n".join([*head, f"{INDENT}_v = [0.0] * {len(shared)}", *calls, found])]


def _unpacked(homes: Mapping[str, str]) -> Iterator[str]:
    """Yield the lines that name the numbers that are passed in."""
    for kind in ("inputs", "parameters"):
        places = {home: name for name, home in homes.items() if home.startswith(f"{kind}[")}
        if places:
            last = max(int(home[len(kind) + 1 : -1]) for home in places)
            if last < MAX_UNPACKED:
                names = ", ".join(places.get(f"{kind}[{place}]", "_") for place in range(last + 1))
                yield f"{INDENT}{names}, *_ = {kind}"
            else:
                yield from (f"{INDENT}{name} = {home}" for home, name in places.items())


def _body(parts: Iterable[tuple[str, Iterable[Line]]]) -> Iterator[str]:
    for heading, lines in parts:
        yield f"\n{INDENT}# {heading}"
        for line in lines:
            if line.heading:
                yield f"{INDENT}# {line.heading}"
            yield f"{INDENT}{line.text}" + (f"  # {line.comment}" if line.comment else "")


def _returned(loss: str | None, others: Sequence[str]) -> str:
    found = f"({', '.join(others)}{',' if others else ''})"
    return f"\n{INDENT}return {found if loss is None else f'{loss}, {found}'}"


def _shared(pieces: Sequence[Sequence[Line]], results: Sequence[str | None]) -> dict[str, str]:
    """Return the numbers that several pieces need or that are results, each with its place in a list."""
    made_in: dict[str, int] = {}
    shared: dict[str, str] = {}
    for number, piece in enumerate(pieces):
        for line in piece:
            for read in line.reads:
                if made_in.get(read, number) != number:
                    shared.setdefault(read, f"_v[{len(shared)}]")
            made_in.setdefault(line.target, number)
    for result in results:
        if result in made_in:
            shared.setdefault(result, f"_v[{len(shared)}]")
    return shared


def _piece(name: str, lines: Sequence[Line], where: Mapping[str, str], shared: Mapping[str, str]) -> str:
    """Return a function that computes some lines; a number from elsewhere that is read once is not named."""
    times = Counter(read for line in lines for read in line.reads)
    known: set[str] = set()
    made: dict[str, None] = {}
    text = [f"def {name}(_v, inputs, parameters):"]
    for line in lines:
        formula, once = line.formula, {}
        for read in line.reads:
            if read in where and read not in known:
                if times[read] == 1 and line.sign == "=":
                    once[read] = where[read]
                else:
                    text.append(f"{INDENT}{read} = {where[read]}")
                    known.add(read)
        if once:
            formula = _replaced(formula, once)
        text.append(f"{INDENT}{line.target} {line.sign} {formula}")
        known.add(line.target)
        made[line.target] = None
    text.extend(f"{INDENT}{shared[target]} = {target}" for target in made if target in shared)
    return "\n".join(text)


def _replaced(text: str, words: Mapping[str, str]) -> str:
    return WORD.sub(lambda found: words.get(found[0], found[0]), text)


class Compact:
    """A plan that is too long to read as few long lines: the sums of products that it is lowered to."""

    def __init__(self, lowered: Lowered, writer: Writer) -> None:
        self.lowered, self.writer = lowered, writer

    def lines(self) -> Iterator[Line]:
        """Yield the lines of both passes."""
        lowered, gradients = self.lowered, set(self._gradients())
        for instruction in lowered.before:
            target = self._name(instruction.out)
            if isinstance(instruction, Apply):
                operands = [self._name(slot) for slot in instruction.arguments[: instruction.operation.arity]]
                yield Line(target, self.writer.value(instruction.operation).format(*operands), tuple(operands))
                continue
            terms = [self._term(pair) for pair in instruction.pairs]
            if instruction.out in gradients or not terms:
                terms.insert(0, "0.0")
            for start in range(0, len(terms), MAX_TERMS):
                text = " + ".join(terms[start : start + MAX_TERMS])
                pairs = instruction.pairs[max(0, start - 1) : start + MAX_TERMS]
                reads = tuple(self._name(slot) for pair in pairs for slot in pair if slot not in lowered.constants)
                yield Line(target, f"{target} + {text}", (*reads, target)) if start else Line(target, text, reads)

    def results(self) -> tuple[str, list[str]]:
        """Return the names of the loss and of the gradients."""
        return self._name(self.lowered.loss), [self._name(slot) for slot in self._gradients()]

    def homes(self) -> dict[str, str]:
        """Return the place of each number that is passed in, by its name."""
        plan, lowered = self.lowered.plan, self.lowered
        given = (("inputs", lowered.inputs, plan.inputs), ("parameters", lowered.parameters, plan.parameters))
        return {self._name(first + i): f"{kind}[{i}]" for kind, first, leaves in given for i in range(len(leaves))}

    def _gradients(self) -> range:
        return range(self.lowered.gradients, self.lowered.gradients + len(self.lowered.plan.wrt))

    def _name(self, slot: int) -> str:
        constant = self.lowered.constants.get(slot)
        return f"s{slot}" if constant is None else self.writer.number(constant)

    def _term(self, pair: tuple[int, int]) -> str:
        a, b = sorted(pair, key=(self.lowered.minus_one, self.lowered.one).count)
        if b == self.lowered.one:
            return self._name(a)
        return f"-{self._name(a)}" if b == self.lowered.minus_one else f"{self._name(a)}*{self._name(b)}"


def definitions(writer: Writer) -> list[str]:
    """Return the source of the imports and functions that the lines need."""
    imports = f"from math import {', '.join(sorted(writer.imports))}" if writer.imports else ""
    functions = []
    for name, found in writer.definitions.items():
        arguments = ast.arguments([], [ast.arg(name) for name in found.arguments], None, [], [], None, [])
        definition = ast.FunctionDef(name, arguments, list(found.body), [], None, None)
        functions.append(ast.unparse(ast.fix_missing_locations(definition)))
    return [imports, *functions] if imports else functions


def main(names: Sequence[str], inputs: Sequence[Value], parameters: Sequence[Value]) -> str:
    """Return a main program, which prints loss and gradients at the numbers of now, with respect to some names."""

    def numbers(leaves: Sequence[Value]) -> str:
        data = [leaf.data for leaf in leaves]
        return ", ".join(repr(number) if math.isfinite(number) else f'float("{number}")' for number in data)

    return f"""\
if __name__ == "__main__":
    inputs = [{numbers(inputs)}]
    parameters = [{numbers(parameters)}]
    loss, gradients = backpropagate(inputs, parameters)
    print("loss =", loss)
    for name, gradient in zip({list(names)}, gradients):
        print("d loss / d", name, "=", gradient)"""


def step_source(plan: Plan, identifiers: Sequence[str], update: Update) -> list[str]:
    """Return the source of a function of inputs, parameters, states and rate that takes a step.

    It returns the loss, the next parameters, the next states, and the gradients; the states are the shared ones, then
    the own ones of each parameter.
    """
    writer = Writer()
    lines = Unrolled(plan, identifiers, writer)
    places = enumerate(plan.parameters)
    parameters = [f"_unused_{place}" if number == ABSENT else identifiers[number] for place, number in places]
    shared = [f"_shared_{name}" for name in update.shared]
    own = [[f"_{state}_of_{name}" for state in update.own] for name in parameters]
    states = [*shared, *chain.from_iterable(own)]
    gradients = lines.gradients()
    changes = _update(update, writer, parameters, gradients, shared, own)
    results = [lines.names[plan.root], *(f"({_tuple(names)})" for names in (parameters, states, gradients))]
    body = [
        'def step(inputs, parameters, _states, _rate):',
        f'{INDENT}"""Return the loss, and the parameters and states after one step."""',
        f"{INDENT}({_tuple(parameters)}) = parameters",
        *(f"{INDENT}{name} = {home}" for name, home in lines.homes().items() if home.startswith("inputs")),
        *([f"{INDENT}({_tuple(states)}) = _states"] if states else []),
        *_body([("forward", lines.forward()), ("backward", lines.backward()), ("update", changes)]),
        f"{INDENT}return {', '.join(results)}",
    ]  # fmt: skip
    return [*definitions(writer), "\n".join(body)]


def update_source(update: Update) -> list[str]:
    """Return the source of a function of columns (parameters, gradients and own states), shared states and rate.

    It returns the next columns, without the gradients, and the next shared states.
    """
    writer = Writer()
    shared, own = [f"_shared_{name}" for name in update.shared], [f"_own_{name}" for name in update.own]
    lines = Unrolled(update.plan, _names_in(update.plan, ["p", "g", *own], shared), writer)
    roots = [lines.names[root] for root in update.plan.roots]
    forward = list(lines.forward())
    each = [line for line in forward if line.target.startswith("_each_")]
    following = [f"next_{column}" for column in range(1 + len(own))]
    body = [
        "def update(columns, _states, _rate):",
        f'{INDENT}"""Return the columns and states after one step."""',
        *([f"{INDENT}({_tuple(shared)}) = _states"] if shared else []),
        *(f"{INDENT}{line.text}" for line in forward if line not in each),
        *(f"{INDENT}{name} = []" for name in following),
        f"{INDENT}for {', '.join(['p', 'g', *own])} in zip(*columns):",
        *(f"{INDENT * 2}{line.text}" for line in each),
        *(f"{INDENT * 2}{name}.append({root})" for name, root in zip(following, roots[len(shared) :], strict=True)),
        f"{INDENT}return ({_tuple(following)}), ({_tuple(roots[: len(shared)])})",
    ]
    return [*definitions(writer), "\n".join(body)]


def _update(
    update: Update, writer: Writer, parameters: Sequence[str], gradients: Sequence[str], shared: Sequence[str],
    own: Sequence[Sequence[str]],
) -> Iterator[Line]:  # fmt: skip
    """Yield the lines that update every parameter."""
    plan, roots = update.plan, list[str]()
    for place, parameter in enumerate(parameters):
        lines = Unrolled(plan, _names_in(plan, [parameter, gradients[place], *own[place]], shared), writer)
        yield from (line for line in lines.forward() if place == 0 or not line.target.startswith("_all_"))
        roots = [lines.names[root] for root in plan.roots]
        yield _assigned([parameter, *own[place]], roots[len(shared) :])
    if shared:
        yield _assigned(shared, roots[: len(shared)])


def _names_in(plan: Plan, inputs: Sequence[str], shared: Sequence[str]) -> list[str]:
    """Return the names of an update's nodes: ``_each_...`` for those that differ from parameter to parameter."""
    differs = plan.dependent(plan.inputs)
    names = [f"_each_{number}" if differs[number] else f"_all_{number}" for number in range(len(plan.order))]
    given = zip((*plan.inputs, *plan.parameters), (*inputs, "_rate", *shared), strict=True)
    for number, name in given:
        if number != ABSENT:
            names[number] = name
    return names


def _assigned(targets: Sequence[str], sources: Sequence[str]) -> Line:
    """Return a line that sets all targets at once, since the sources may be among them."""
    return Line(", ".join(targets), ", ".join(sources), tuple(sources))


def _tuple(names: Sequence[str]) -> str:
    return "".join(f"{name}, " for name in names)
