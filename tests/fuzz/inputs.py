"""Inputs by grammar: mostly what is meant, with something wrong in it now and then."""

import copy
import json
import random
from collections.abc import Callable, Sequence
from typing import Any

from engine import TABLE

GIVEN = ("a", "b", "x1", "v3")  # which have numbers
NAMES = (*GIVEN, "d", "L", "π", "naïve", "e", "pi", "grad", "where", "lambda", "ſ", "__class__")
NUMBERS = (
    "0", "1", "2.5", "-3", "1e-5", "1e308", "1e999", "0x10", "1_000", "007", "1.", ".5", "inf", "nan", "1j", "1,5",
    "½", "٣", "9" * 400, "5e-324", "−2", "2²", "1/0", "0/0", "3e", "1e-400",
)  # fmt: skip
OPERATORS = ("+", "-", "*", "/", "**", "^", "%", "//", "@", "·", "×", "−", "=", "==", "<", ">", "and", "or", "if", "|")
MARKS = ("(", ")", "[", "]", "{", "}", ",", ";", "\n", ":", "'", '"', "\\", "#", "|", " ", "\t", "=", ":=", "...", "*")
ODD = (
    "\0", "\x1b[31m", "\u202e", "\ud800", "\ufeff", "\x85", "\u2028", "ﬁ", "𝐱", "x" * 300, "(" * 200, "-" * 300,
    "+" * 99 + "a", "a" + "**2" * 60, "[" * 300, '"', "%s", "{0}", "</script>", "\r", "$x$", "1" + "0" * 5000,
)  # fmt: skip


def some(draw: random.Random, wordings: Sequence[Any]) -> Any:
    """Return one of some things."""
    return wordings[draw.randrange(len(wordings))]


def expression(draw: random.Random, depth: int = 3) -> str:
    """Return an expression of the grammar."""
    kind = draw.random()
    if depth <= 0 or kind < 0.25:
        return str(some(draw, GIVEN if draw.random() < 0.8 else NUMBERS))
    if kind < 0.6:
        one, other = expression(draw, depth - 1), expression(draw, depth - 1)
        return f"{one} {some(draw, OPERATORS[:5] if draw.random() < 0.9 else OPERATORS)} {other}"
    if kind < 0.85:
        operands = [expression(draw, depth - 1) for _ in range(draw.choice((1, 1, 1, 2, 2, 3)))]
        slope = ["slope=0.2"] if draw.random() < 0.05 else []
        return f"{some(draw, [*TABLE, 'ln', 'max'])}({', '.join([*operands, *slope])})"
    if kind < 0.92:
        return f"({expression(draw, depth - 1)})"
    return f"{some(draw, ('-', '+', '|', '√', '2'))}{expression(draw, depth - 1)}"


def statements(draw: random.Random) -> str:
    """Return statements, such as a learner types."""
    lines = [f"{some(draw, NAMES)} = {expression(draw)}" for _ in range(draw.choice((0, 0, 1, 2)))]
    return some(draw, ("; ", "\n", ";")).join([*lines, expression(draw)])


def condition(draw: random.Random, depth: int = 2) -> str:
    """Return a condition of a breakpoint."""
    words = ("grad", "data", "local", "upstream", "contribution", "step", "a.grad", "b.data", "v3", "d", "x", '"a"')
    if depth <= 0 or draw.random() < 0.3:
        one = some(draw, words) if draw.random() < 0.8 else expression(draw, 1)
        return f"{one} {some(draw, ('<', '>', '<=', '==', '!=', 'is', 'in'))} {some(draw, (*words, *NUMBERS))}"
    word = some(draw, ("and", "or", "and not", "+", "*"))
    return f"({condition(draw, depth - 1)}) {word} isnan({condition(draw, depth - 1)})"


def answer(draw: random.Random) -> str:
    """Return an answer to a question, as people type them."""
    forms: tuple[Callable[[], str], ...] = (
        lambda: str(draw.gauss(0.0, 5.0)),
        lambda: some(draw, NUMBERS),
        lambda: f"dL/d{some(draw, NAMES)} = {some(draw, NUMBERS)}",
        lambda: f"{some(draw, NUMBERS)}/{some(draw, NUMBERS)}",
        lambda: ", ".join(some(draw, NAMES) for _ in range(draw.randrange(6))),
        lambda: some(draw, ("a", "A)", "(c)", "1", "", "?", "yes", "50 %", "-> a", "it is 3", "none", "0,5")),
        lambda: expression(draw, 2),
    )
    return some(draw, forms)()


def spoiled(draw: random.Random, text: str, chance: float = 0.6) -> str:
    """Return a text, mostly with something wrong in it: pieces left out, repeated, exchanged, or put in."""
    while draw.random() < chance:
        begin = draw.randrange(len(text) + 1)
        end = min(len(text), begin + draw.choice((0, 1, 1, 2, 5, 20)))
        piece = some(draw, (MARKS, OPERATORS, NUMBERS, NAMES, ODD, (text[begin:end] * 2, "", "", "")))
        text = text[:begin] + some(draw, piece) + text[end:]
        chance *= 0.7
    return text


THINGS = (
    None, True, False, 0, 1, -1, 2.5, 1e308, 10**30, 2**1023, "", "a", "inf", "nan", "x" * 99, "\0", "\ud800", "\x1b[m",
    [], {}, [1], [[]], [None], {"a": 1}, {"undefined": "x"}, [0, 0], ["a", "b"], "leaf", "tanh", "flat", "Linear",
)  # fmt: skip


def spoiled_json(draw: random.Random, thing: Any) -> bytes:
    """Return a thing as JSON, mostly with something wrong in it."""
    thing = copy.deepcopy(thing)
    for _ in range(draw.choice((0, 1, 1, 1, 2, 3))):
        holders = list(_holders(thing))
        holder = some(draw, holders)
        keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
        act = draw.random()
        if keys and act < 0.5:
            holder[some(draw, keys)] = copy.deepcopy(some(draw, THINGS))
        elif keys and act < 0.65:
            del holder[some(draw, keys)]
        elif isinstance(holder, dict):
            holder[some(draw, [*keys, "extra", "", "\x1b", "inputs", "op"])] = copy.deepcopy(some(draw, THINGS))
        else:
            holder.insert(draw.randrange(len(holder) + 1), copy.deepcopy(some(draw, [*THINGS, *holder])))
    text = json.dumps(thing)
    return spoiled(draw, text, 0.15).encode("utf-8", "surrogatepass")


def _holders(thing: Any) -> list[Any]:
    found, open_ = [], [thing]
    while open_:
        one = open_.pop()
        if isinstance(one, (dict, list)):
            found.append(one)
            open_ += one.values() if isinstance(one, dict) else one
    return found


def table(draw: random.Random) -> bytes:
    """Return a CSV file, as programs write them, mostly with something wrong in it."""
    cut = some(draw, (",", ",", ";", "\t", "|", " "))
    columns = [
        some(draw, ("number", "number", "decimal comma", "text", "date", "odd")) for _ in range(draw.randint(1, 5))
    ]
    cells: dict[str, Callable[[], str]] = {
        "number": lambda: some(draw, (f"{draw.gauss(0, 9):.3f}", str(draw.randint(0, 3)), some(draw, NUMBERS))),
        "decimal comma": lambda: f"{draw.gauss(0, 9):.2f}".replace(".", ","),
        "text": lambda: some(draw, ("red", "green", '"a, b"', "NA", "", "?", "-")),
        "date": lambda: some(draw, ("2024-01-31", "31.12.2023", "1/2/24", "2024-13-45", "12:30")),
        "odd": lambda: spoiled(draw, "cell", 0.9),
    }  # fmt: skip
    rows = [cut.join(cells[kind]() for kind in columns) for _ in range(draw.randint(0, 12))]
    if draw.random() < 0.7:
        rows.insert(0, cut.join(some(draw, (*NAMES, "year", "1999", "")) for _ in columns))
    text = spoiled(draw, some(draw, ("\n", "\r\n", "\r")).join(rows), 0.3)
    encoding = some(draw, ("utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "latin-1", "utf-8-noise"))
    if encoding == "utf-8-noise":
        return text.encode("utf-8", "surrogatepass") + bytes(draw.randrange(256) for _ in range(8))
    return text.encode(encoding, "replace")


def backward_pass(draw: random.Random) -> str:
    """Return the source of a backward pass, as learners write them, right or wrong."""
    order = some(
        draw, ("reversed(topological_order(root))", "topological_order(root)", "[root]", "walk(root)", "set([root])")
    )
    update = some(draw, (
        "x.grad += g * node.grad", "x.grad = g * node.grad", "x.grad += g", "x.grad += node.grad",
        "x.grad -= g * node.grad",
        "x.grad = x.grad + g * node.grad; node.grad = 0", "x.grad += g * node.data", "x.data += g", "x.inputs = ()",
        "x.grad = 'a'", "x.grad = None", "x.grad = float('nan')", "x.grad += g * node.grad * 1j", "raise KeyError(x)",
        "x.grad = x", "del x.grad", "x.local_grads = (1,)", "node.inputs[0].grad **= 2", "x.grad = 10**400",
        "x.nothing = 1", "node.inputs.append(x)", "x.grad = [g]", "x.label = '\\x1b[1m'", "x.backward()", "return 1/0",
    ))  # fmt: skip
    start = some(
        draw, ("root.grad = 1.0", "root.grad = 1.0", "pass", "root.grad = root.data", "root = None", "root.grad = True")
    )
    return (
        f"def backward(root):\n    {start}\n    for node in {order}:\n"
        f"        for x, g in zip(node.inputs, node.local_grads):\n            {update}\n"
        "def walk(node):\n    yield node\n    for x in node.inputs: yield from walk(x)\n"
    )


def arguments(draw: random.Random, commands: Sequence[str], options: Sequence[str]) -> list[str]:
    """Return the arguments of a call of the command."""
    found = [some(draw, commands) if draw.random() < 0.95 else spoiled(draw, "check")]
    target = some(
        draw, ("a*b", "tanh(a*b + a)", "p.py", "p.py:c", "g.json", "no.py", "t.csv", "m.json", statements(draw))
    )
    found += [target] * (draw.random() < 0.9)
    found += [f"{name}={some(draw, NUMBERS)}" for name in ("a", "b") if draw.random() < 0.7]
    for _ in range(draw.choice((0, 0, 1, 1, 2))):
        option = some(draw, options)
        found += [
            option,
            some(draw, ("a", "1", "0", "x.svg", "x.txt", "x.json", "", "nan", "-1", "b", "all", "text", "1e9")),
        ]
    if draw.random() < 0.3:
        place = draw.randrange(len(found))
        found[place] = spoiled(draw, found[place])
    return found
