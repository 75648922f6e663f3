"""The source of programs in JavaScript: a plan as one function that runs on its own, in Node and in browsers."""

import json
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

from ...name import Names
from ...value import Value
from ..plan import Plan
from ..python.source import Line, Unrolled
from .functions import Writer

# What no node may be called; the names of functions begin with an underscore and a letter, which those of nodes do not.
RESERVED = """\
    Array Infinity Math NaN Number Object RangeError arguments await backpropagate break case catch class console const
    continue debugger default delete do else enum eval export exports extends false finally for function if implements
    import in inputs instanceof interface let module new null package parameters private protected public require return
    static super switch this throw true try typeof undefined var void while with yield"""
TAKEN = frozenset(RESERVED.split())


def javascript(plan: Plan, variables: Mapping[str, Any] | None, head: str, leaves: Sequence[Sequence[Value]],
               labels: Sequence[str]) -> str:  # fmt: skip
    """Return a plan as JavaScript that runs on its own.

    ``backpropagate(inputs, parameters)`` returns an object with the loss and the gradients; ``node FILE`` prints them.

    Args:
        plan: what to compute; without `Dot`.
        variables: names for nodes.
        head: a comment for the first line.
        leaves: the inputs and the parameters, whose numbers of now are printed with.
        labels: the names of the leaves of the gradients, to print.

    Raises:
        OperationError: an operation cannot be translated.
    """
    writer, names = Writer(), Names(plan.order, variables).identifiers(set(TAKEN))
    lines = Unrolled(plan, names, writer)
    forward, backward = list(lines.forward()), list(lines.backward())
    body = [
        "function backpropagate(inputs, parameters) {",
        *(f"  const {name} = {home};" for name, home in lines.homes().items()),
        "", "  // forward", *_statements(forward, set()),
        "", "  // backward: d_x is the derivative of the loss with respect to x",
        *_statements(backward, {line.target for line in backward if line.sign != "="}),
        "", f"  return {{ loss: {lines.names[plan.root]}, gradients: [{', '.join(lines.gradients())}] }};", "}",
    ]  # fmt: skip
    code = "\n".join(body)
    numbers = [f"[{', '.join(writer.number(leaf.data) for leaf in kind)}]" for kind in leaves]
    main = f"""\
if (typeof module !== "undefined") {{
  module.exports = {{ backpropagate }};
  if (require.main === module) {{
    const {{ loss, gradients }} = backpropagate({", ".join(numbers)});
    console.log("loss =", loss);
    {json.dumps(list(labels))}.forEach((name, place) => console.log("d loss / d", name, "=", gradients[place]));
  }}
}}"""
    parts = [f"// {head}", '"use strict";', writer.functions.text(code), code, main]
    return "\n\n".join(filter(None, parts)) + "\n"


def _statements(lines: Sequence[Line], grown: set[str]) -> list[str]:
    """Return lines as statements; those that are added to later are variables."""
    return list(chain.from_iterable(_statement(line, grown) for line in lines))


def _statement(line: Line, grown: set[str]) -> list[str]:
    heading = [f"  // {line.heading}"] if line.heading else []
    comment = f" // {' '.join(line.comment.splitlines())}" if line.comment else ""
    kind = "" if line.sign != "=" else "let " if line.target in grown else "const "
    return [*heading, f"  {kind}{line.text};{comment}"]
