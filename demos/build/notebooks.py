"""Run the lessons, write down what they print, and make notebooks of them: `make lessons`.

A lesson is a Markdown file that jupytext reads: a block of Python is a cell. A block of text right behind it is what
the cell prints. All cells of a lesson run in one namespace, from the first to the last. The notebook beside it is made
from it and is never edited.

    python demos/build/notebooks.py             # all lessons
    python demos/build/notebooks.py 01 04       # those whose names begin so
"""

import ast
import io
import re
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any
from unittest.mock import patch

import jupytext
import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_notebook, new_output

HERE = Path(__file__).resolve().parents[1] / "lessons"
PRINTED = re.compile(r"```text\n(.*?)^```\s*", re.DOTALL | re.MULTILINE)


def lessons() -> list[Path]:
    """Return all lessons, in order."""
    return sorted(HERE.glob("[0-9][0-9]_*.md"))


def read(text: str) -> NotebookNode:
    r"""Return a lesson as a notebook, each cell with the output that the text says it has.

    >>> for cell in read("# Title\n\n```python\n1 + 1\n```\n\n```text\n2\n```\n").cells:
    ...     print(cell.cell_type, cell.source, cell.get("outputs"))
    markdown # Title None
    code 1 + 1 [{'output_type': 'stream', 'name': 'stdout', 'text': '2\n'}]
    """
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    made = new_notebook(metadata={"kernelspec": kernel, "language_info": {"name": "python"}})
    for cell in jupytext.reads(text, fmt="md").cells:
        is_behind_code = cell.cell_type == "markdown" and made.cells and made.cells[-1].cell_type == "code"
        if is_behind_code and (printed := PRINTED.match(cell.source)):
            made.cells[-1].outputs = [new_output("stream", text=printed[1])]
            cell.source = cell.source[printed.end() :]
        if cell.source:
            cell.id = f"cell-{len(made.cells)}"
            made.cells.append(cell)
    return made


def code(made: NotebookNode) -> list[NotebookNode]:
    """Return the cells of code."""
    return [cell for cell in made.cells if cell.cell_type == "code"]


def text_of(cell: NotebookNode) -> str:
    """Return the text of a cell's outputs, as the lesson has it in its block."""
    return "".join(out.text if "text" in out else out.data["text/plain"] + "\n" for out in cell.outputs)


def written(made: NotebookNode) -> str:
    """Return a notebook as the text of a lesson, with the text of its outputs."""
    parts = []
    for cell in made.cells:
        is_code = cell.cell_type == "code"
        parts.append(f"```python\n{cell.source}\n```" if is_code else cell.source)
        parts += [f"```text\n{text_of(cell)}```"] if is_code and cell.outputs else []
    return "\n\n".join(parts) + "\n"


def run(made: NotebookNode) -> NotebookNode:
    """Run the code of a notebook from the first cell to the last, set the outputs, and return the notebook.

    It runs in this process, so that an error comes through with its traceback.
    """
    namespace: dict[str, Any] = {"__name__": "__main__"}
    with patch.object(sys, "path", [str(HERE), *sys.path]):  # where notebooks find the exercises
        for count, cell in enumerate(code(made), 1):
            cell.execution_count = count
            cell.outputs = _outputs(cell.source, namespace, count)
    return made


def _outputs(source: str, namespace: dict[str, Any], count: int) -> list[Any]:
    """Run a cell as Jupyter does: what is printed counts, and the value of a last line that is an expression."""
    body = ast.parse(source).body
    last = body.pop() if isinstance(body[-1], ast.Expr) else None
    printed, shown = io.StringIO(), None
    with redirect_stdout(printed):
        exec(compile(ast.Module(body, []), "<cell>", "exec"), namespace)
        if isinstance(last, ast.Expr):
            shown = eval(compile(ast.Expression(last.value), "<cell>", "eval"), namespace)
    outputs = [new_output("stream", text=printed.getvalue())] if printed.getvalue() else []
    if shown is not None:
        data = {"image/svg+xml": shown._repr_svg_()} if hasattr(shown, "_repr_svg_") else {}
        data["text/plain"] = repr(shown)
        outputs.append(new_output("execute_result", data, execution_count=count))
    return outputs


def main(arguments: Sequence[str] = ()) -> None:
    """Run the lessons whose names begin as an argument does, all without one, and write texts and notebooks anew."""
    for path in lessons():
        if not arguments or path.name.startswith(tuple(arguments)):
            made = run(read(path.read_text()))
            path.write_text(written(made))
            nbformat.write(made, path.with_suffix(".ipynb"))
            print(path.with_suffix(".ipynb").name)


if __name__ == "__main__":
    main(sys.argv[1:])
