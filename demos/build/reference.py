"""Build the reference page of all operations from the table of operations: `make gallery`."""

import math
import sys
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

import engine
from demos.build.gallery import one_graphviz
from engine import TABLE, DomainError, Operation, Value
from engine.drawing.svg import FONT
from engine.notation.formulas import Symbol, local_derivatives, write_expression
from engine.support.text import format_number
from engine.value import BUILT_IN

HERE = Path(__file__).parents[1] / "reference"
REACH = 4  # a plot shows the numbers from -REACH to REACH on both axes
STEPS = 50  # points of a curve per unit
UNIT, MARGIN, CAPTION = 28.0, 14.0, 22.0  # pixels
SIDE = 2 * REACH * UNIT
VALUE, SLOPE, FAINT, INK = "#0072b2", "#b35f00", "#d5dbe1", "#1b2430"  # as in drawings

HEAD = """\
# The operations

Everything here is read from the table of operations, [engine/ops.py](../../engine/ops.py); `make gallery` rebuilds it.
A plot shows an operation's value (blue) and its derivative (orange, dashed) with respect to one operand, from -4 to 4;
the caption gives the values of the other operands, and a dot marks the convention at a kink. Below it is a node with
its local gradients, as `engine.draw` draws it.
"""

Points = list[tuple[float, float]]  # in pixels


def section(operation: Operation) -> str:
    """Return the section about an operation."""
    lines = [f"## {operation.name}", "", "```math", _formulas(operation), "```", ""]
    lines += [f"- written `{operation.written()}`"]
    derivatives = zip(operation.operands, _slopes(operation), strict=True)
    lines += [f"- derivative with respect to {x}: `{write_expression(derivative)}`" for x, derivative in derivatives]
    lines += [f"- defined for {operation.domain or 'all numbers'}"]
    if operation.kink:
        where = write_expression(operation.kink(*map(Symbol, operation.operands)))
        lines += [f"- kink where `{where}` is 0; convention at the kink: {operation.convention}"]
    if operation.parameters:
        numbers = ", ".join(f"`{name} = {format_number(number)}`" for name, number in operation.parameters.items())
        lines += [f"- parameters, by default: {numbers}"]
    lines += ["", f"![Value and derivative of {operation.name}]({operation.name}.svg)"]
    lines += ["", f"![A node of {operation.name}]({operation.name}-node.svg)", ""]
    return "\n".join(lines)


def _formulas(operation: Operation) -> str:
    """Return the operation and its derivatives in LaTeX."""
    names = [rf"\text{{{name}}}" if len(name) > 1 else name for name in operation.operands]
    result = "z" if "y" in names else "y"
    value = f"{result} = {operation.written_in_latex(*names)}"
    slopes = [
        rf"\frac{{\partial {result}}}{{\partial {name}}} = {write_expression(slope, latex=True)}"
        for name, slope in zip(names, _slopes(operation, names), strict=True)
    ]
    return r" \qquad ".join([value, *slopes])


def _slopes(operation: Operation, names: Sequence[str] = ()) -> tuple[object, ...]:
    operands = tuple(map(Symbol, names or operation.operands))
    return local_derivatives(operation, operands, Symbol("", operation, operands))


def plot(operation: Operation) -> str:
    """Return the plots of an operation along each of its operands, side by side, as SVG."""
    width = operation.arity * (SIDE + MARGIN) + MARGIN
    height = SIDE + MARGIN + CAPTION
    panels = "\n".join(_panel(operation, position) for position in range(operation.arity))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}" font-family="{FONT}" font-size="12" fill="{INK}">\n'
        f"<title>Value and derivative of {operation.name}</title>\n"
        f'<defs><clipPath id="window"><rect width="{SIDE:g}" height="{SIDE:g}"/></clipPath></defs>\n'
        f'<rect width="100%" height="100%" fill="#ffffff"/>\n{panels}\n</svg>\n'
    )


def _panel(operation: Operation, position: int) -> str:
    left = MARGIN + position * (SIDE + MARGIN)
    held = [
        f"{name} = {format_number(number)}"
        for place, (name, number) in enumerate(zip(operation.operands, operation.samples[0], strict=True))
        if place != position
    ]
    caption = f"along {operation.operands[position]}" + (f", {', '.join(held)}" if held else "")
    crosses = [f"M{i * UNIT:g} 0V{SIDE:g}M0 {i * UNIT:g}H{SIDE:g}" for i in range(2 * REACH + 1)]
    curves = "\n".join(_curves(operation, position))
    return (
        f'<g transform="translate({left:g} {MARGIN:g})">\n'
        f'<path d="{"".join(crosses)}" stroke="{FAINT}" stroke-width="0.5"/>'
        f'<path d="{crosses[REACH]}" stroke="{FAINT}" stroke-width="2"/>\n'
        f'<g clip-path="url(#window)" fill="none" stroke-linejoin="round">\n{curves}\n</g>\n'
        f'<text x="{SIDE / 2:g}" y="{SIDE + 16:g}" text-anchor="middle">{escape(caption)}</text>\n</g>'
    )


def _curves(operation: Operation, position: int) -> Iterator[str]:
    values, slopes = [Points()], [Points()]
    before = last = 0.0
    for step in range(-REACH * STEPS, REACH * STEPS + 1):
        x = step / STEPS
        operands = list(operation.samples[0])
        operands[position] = x
        value, slope, side = _at(operation, tuple(operands), position)
        if side * before <= 0.0 and operation.kink:
            if side == 0.0 and before:
                centre = f'cx="{(x + REACH) * UNIT:.1f}" cy="{(REACH - slope) * UNIT:.1f}"'
                yield f'<circle {centre} r="3.5" fill="{SLOPE}"/>'
            slopes.append([])
            if values[-1] and abs(last - value) > 0.5:  # a jump
                values.append([])
        before, last = side, value
        for curve, number in ((values, value), (slopes, slope)):
            if abs(number) <= REACH + 1:  # not-a-number is not, either
                curve[-1].append(((x + REACH) * UNIT, (REACH - number) * UNIT))
            elif curve[-1]:
                curve.append([])
    looks = f'stroke="{VALUE}" stroke-width="2.2"', f'stroke="{SLOPE}" stroke-width="2" stroke-dasharray="6 4"'
    for curve, look in zip((values, slopes), looks, strict=True):
        parts = ["M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points) for points in curve if len(points) > 1]
        yield f'<path d="{"".join(parts)}" {look}/>'


def _at(operation: Operation, operands: tuple[float, ...], position: int) -> tuple[float, float, float]:
    """Return value, derivative and the sign of the kink's function; not-a-number where something does not exist."""
    try:
        value = operation.evaluate(operands)
    except DomainError:
        return math.nan, math.nan, 1.0
    side = operation.kink(*operands) if operation.kink else 1.0
    return value, float(operation.local_derivatives(operands, value)[position]), side


def main(arguments: Sequence[str] = ()) -> None:
    """Write the page and its pictures into a folder (default: demos/reference)."""
    folder = Path(arguments[0]) if arguments else HERE
    folder.mkdir(parents=True, exist_ok=True)
    operations = [operation for name, operation in TABLE.items() if name in BUILT_IN]
    with one_graphviz():
        for operation in operations:
            (folder / f"{operation.name}.svg").write_text(plot(operation), encoding="utf-8")
            operands = [Value(x, name) for x, name in zip(operation.samples[0], operation.operands, strict=True)]
            node: Value = operation(*operands)
            node.backward()
            drawing = engine.draw(node, names={"out": node}, local_gradients=True, legend=False)
            drawing.save(folder / f"{operation.name}-node.svg")
    contents = " · ".join(f"[{each.name}](#{each.name})" for each in operations)
    page = "\n".join([HEAD, contents, "", *map(section, operations)])
    (folder / "README.md").write_text(page, encoding="utf-8")
    print(folder / "README.md")


if __name__ == "__main__":
    main(sys.argv[1:])
