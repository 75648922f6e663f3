"""Run the lessons, write down what they print, and make notebooks of them: `make lessons`.

A lesson is a Markdown file, as the package jupytext reads it too. A block of Python is a cell, and a block of text
right behind it is what the cell prints. All cells of a lesson run in one namespace, from the first to the last.
The notebook beside it is made from it and is never edited.

    python demos/lessons/notebooks.py             # all lessons
    python demos/lessons/notebooks.py 01 04       # those whose names begin so
"""

from __future__ import annotations

import ast
import io
import json
import re
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parents[1] / "lessons"
CELL = re.compile(r"^```python\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Outcome:
    """Hold what a cell printed, and what its last expression shows: as text, and as a picture if it is one."""

    printed: str = ""
    shown: str = ""
    picture: str = ""

    @property
    def text(self) -> str:
        """All text, as the lesson has it in its block."""
        return self.printed + (self.shown + "\n" if self.shown else "")


@dataclass(frozen=True)
class Cell:
    """Hold a cell of a lesson: its kind, "markdown" or "code"; its source; for code the text that it should print."""

    kind: str
    source: str
    says: str = ""


def lessons() -> list[Path]:
    """Return all lessons, in order."""
    return sorted(HERE.glob("[0-9][0-9]_*.md"))


def read(text: str) -> list[Cell]:
    r"""Return the cells of a lesson.

    >>> read("# Title\n\n```python\n1 + 1\n```\n\n```text\n2\n```\n")
    [Cell(kind='markdown', source='# Title', says=''), Cell(kind='code', source='1 + 1', says='2\n')]
    """
    cells, end = [], 0
    for found in CELL.finditer(text):
        cells.append(Cell("markdown", text[end : found.start()].strip()))
        cells.append(Cell("code", found[1].strip("\n"), found[2] or ""))
        end = found.end()
    cells.append(Cell("markdown", text[end:].strip()))
    return [cell for cell in cells if cell.source]


def written(cells: Sequence[Cell], outcomes: Sequence[Outcome]) -> str:
    """Return the text of a lesson with these outcomes in it."""
    left = iter(outcomes)
    parts = []
    for cell in cells:
        if cell.kind == "code":
            parts.append(f"```python\n{cell.source}\n```")
            says = next(left).text
            parts += [f"```text\n{says}```"] if says else []
        else:
            parts.append(cell.source)
    return "\n\n".join(parts) + "\n"


def run(cells: Sequence[Cell]) -> list[Outcome]:
    """Run the code of a lesson from the first cell to the last, and return what each cell shows."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    with _exercises_at_hand():
        return [_outcome(cell.source, namespace) for cell in cells if cell.kind == "code"]


class _exercises_at_hand:  # noqa: N801 - reads as what it does
    """Let lessons import their exercises as they do in a notebook: from the folder that they are in."""

    def __enter__(self) -> None:
        sys.path.insert(0, str(HERE))

    def __exit__(self, *_: object) -> None:
        sys.path.remove(str(HERE))


def _outcome(source: str, namespace: dict[str, Any]) -> Outcome:
    """Run a cell as a notebook does: what is printed counts, and the value of a last line that is an expression."""
    *before, last = ast.parse(source).body
    out, shown = io.StringIO(), None
    with redirect_stdout(out):
        if isinstance(last, ast.Expr):
            exec(compile(ast.Module(before, []), "<cell>", "exec"), namespace)
            shown = eval(compile(ast.Expression(last.value), "<cell>", "eval"), namespace)
        else:
            exec(compile(source, "<cell>", "exec"), namespace)
    if shown is None:
        return Outcome(out.getvalue())
    picture = shown._repr_svg_() if hasattr(shown, "_repr_svg_") else ""
    return Outcome(out.getvalue(), repr(shown), picture)


def notebook(cells: Sequence[Cell], outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Return a lesson as a notebook; see https://nbformat.readthedocs.io/en/latest/format_description.html."""
    left = iter(outcomes)
    made: list[dict[str, Any]] = []
    count = 0
    for number, cell in enumerate(cells):
        entry: dict[str, Any] = {
            "cell_type": cell.kind,
            "id": f"cell-{number}",
            "metadata": {},
            "source": _lines(cell.source),
        }
        if cell.kind == "code":
            count += 1
            entry |= {"execution_count": count, "outputs": _outputs(next(left), count)}
        made.append(entry)
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {
        "cells": made,
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _outputs(outcome: Outcome, count: int) -> list[dict[str, Any]]:
    outputs: list[dict[str, Any]] = []
    if outcome.printed:
        outputs.append({"name": "stdout", "output_type": "stream", "text": _lines(outcome.printed)})
    if outcome.shown:
        data = {"text/plain": _lines(outcome.shown)}
        if outcome.picture:
            data = {"image/svg+xml": _lines(outcome.picture), **data}
        outputs.append({"data": data, "execution_count": count, "metadata": {}, "output_type": "execute_result"})
    return outputs


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def main(arguments: Sequence[str] = ()) -> None:
    """Run the lessons whose names begin as an argument does, all without one, and write texts and notebooks anew."""
    for path in lessons():
        if not arguments or path.name.startswith(tuple(arguments)):
            cells = read(path.read_text())
            outcomes = run(cells)
            path.write_text(written(cells, outcomes))
            made = json.dumps(notebook(cells, outcomes), indent=1, ensure_ascii=False)
            path.with_suffix(".ipynb").write_text(made + "\n")
            print(path.with_suffix(".ipynb").name)


if __name__ == "__main__":
    main(sys.argv[1:])
