"""Sheets: the items of a quiz on paper, and their solutions on another sheet."""

import os
from collections.abc import Sequence
from pathlib import Path

from ..errors import UsageError
from ..support.files import FilePath, write_whole
from ..support.text import escape_latex, escape_markdown, listed, printable
from ..words.document import Document, Formula
from ..words.paper import write_page
from .item import Item

# pdflatex of any year knows T1 and utf8; all other characters of a sheet are escaped.
LATEX = r"""\documentclass[11pt,a4paper]{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{amsmath}
\usepackage[margin=2cm]{geometry}
\setlength{\parindent}{0pt}
\begin{document}
\section*{<title>}
<head>

<items>
\end{document}
"""


def write_sheets(
    items: Sequence[Item],
    questions: FilePath | None,
    solutions: FilePath | None = None,
    *,
    seed: int | None = None,
) -> list[Path]:
    """Write items on a sheet for printing, and their solutions on another sheet; return the files.

    Args:
        items: the items, as `engine.teach.make_items` makes them.
        questions, solutions: the files, .html, .md or .tex; None for no such sheet.
        seed: the seed of the items, to be written on the sheets.

    Raises:
        UsageError: a file has another suffix, or both are the same file; nothing is written then.
        OSError: a file cannot be written.

    >>> import tempfile
    >>> from engine.teach import make_items
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [path.name for path in write_sheets(make_items(count=2), folder + "/sheet.md", folder + "/solutions.tex")]
    ['sheet.md', 'solutions.tex']
    """
    check_sheets(questions, solutions)
    number = "" if seed is None else f" (no. {seed})"
    texts = {}
    for name, title, is_solved in ((questions, f"Quiz{number}", False), (solutions, f"Solutions{number}", True)):
        if name is not None:
            path = Path(name)
            documents = [format_item(item, place, is_solved) for place, item in enumerate(items, 1)]
            texts[path] = WRITERS[path.suffix.lower()](documents, title, is_solved)
    for path, text in texts.items():
        write_whole(path, text.encode())
    return list(texts)


def check_sheets(questions: FilePath | None, solutions: FilePath | None) -> None:
    """Raise `UsageError` if a sheet cannot be written as its file's suffix says, or both sheets are the same file."""
    for path in [Path(name) for name in (questions, solutions) if name is not None]:
        if path.suffix.lower() not in WRITERS:
            known = listed(WRITERS, last="or")
            raise UsageError(f"unsupported file type {path.suffix!r} of {path.name!r}; use {known}")
    if questions and solutions and os.path.realpath(questions) == os.path.realpath(solutions):
        raise UsageError(f"questions and solutions must be two files, not both {printable(os.fspath(questions))}")


def format_item(item: Item, place: int, is_solved: bool) -> Document:
    """Return an item as a document, under its number on the sheet, with its solution or with room for the answer."""
    document = Document().heading(f"{place}. {item.topic}{f', level {item.level}' if item.level else ''}")
    for text, latex in zip(item.given, item.latex, strict=False):
        document.say(Formula(text, latex))
    for line in (*item.given[len(item.latex) :], item.question, *item.options):
        document.say(line)
    if is_solved:
        return document.say(f"Answer: {item.answer}").code(item.solution)
    return document.blanks(1 if item.options else min(len(item.solution), 6))


def _write_html(items: Sequence[Document], title: str, is_solved: bool) -> str:
    head = "" if is_solved else f"<p><span>Name:</span><span>Date:</span><span>Score: &emsp; / {len(items)}</span></p>"
    sections = "\n".join(f"<section>\n{item.html}</section>" for item in items)
    return write_page(title, head, sections)


def _write_markdown(items: Sequence[Document], title: str, is_solved: bool) -> str:
    head = [] if is_solved else ["Name: ____________________ Date: ____________\n"]
    return "\n".join([f"# {escape_markdown(title)}\n", *head, *(item.markdown for item in items)])


def _write_latex(items: Sequence[Document], title: str, is_solved: bool) -> str:
    score = rf"Score: \underline{{\hspace{{2cm}}}} / {len(items)}"
    head = "" if is_solved else rf"Name: \hrulefill\quad Date: \hrulefill\quad {score}"
    boxes = [rf"\begin{{minipage}}[t]{{\linewidth}}{item.latex}\end{{minipage}}\bigskip" for item in items]
    return LATEX.replace("<title>", escape_latex(title)).replace("<head>", head).replace("<items>", "\n\n".join(boxes))


WRITERS = {".html": _write_html, ".htm": _write_html, ".md": _write_markdown, ".tex": _write_latex}
