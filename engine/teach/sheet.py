"""Sheets: the items of a quiz on paper, and their solutions on another one."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from pathlib import Path

from ..errors import UsageError
from ..support.files import write_whole
from .item import Item

MOST_LINES = 6  # to write on below a question

HTML = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
body {{ font: 11.5pt/1.45 Georgia, "DejaVu Serif", serif; max-width: 17cm; margin: 1.5cm auto; padding: 0 0.5cm; }}
h1 {{ font-size: 17pt; margin: 0 0 0.2cm; }}
header {{ border-bottom: 1.5pt solid #000; margin-bottom: 0.8cm; padding-bottom: 0.2cm; }}
header p {{ margin: 0; display: flex; justify-content: space-between; }}
ol {{ padding-left: 0.8cm; }}
li {{ break-inside: avoid; margin-bottom: 0.7cm; }}
pre {{ font: 10.5pt/1.5 "DejaVu Sans Mono", Menlo, Consolas, monospace; white-space: pre-wrap;
       margin: 0.1cm 0 0.15cm; padding-left: 0.3cm; border-left: 2pt solid #9ab; }}
p {{ margin: 0; }}
ul {{ list-style: none; padding-left: 0.3cm; margin: 0.1cm 0; }}
small {{ color: #555; }}
.line {{ border-bottom: 0.5pt solid #777; height: 0.8cm; }}
@page {{ size: A4; margin: 1.5cm; }}
@media print {{ body {{ margin: 0 auto; }} }}
</style>
</head>
<body>
<header><h1>{title}</h1>{head}</header>
<ol>
{items}
</ol>
</body>
</html>
"""

# T1 and utf8 are what pdflatex of any year knows; everything else that a sheet holds is escaped.
LATEX = r"""\documentclass[11pt,a4paper]{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{amsmath}
\usepackage[margin=2cm]{geometry}
\setlength{\parindent}{0pt}
\begin{document}
\section*{<title>}
<head>
\begin{enumerate}
<items>
\end{enumerate}
\end{document}
"""
LATEX_SIGNS = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "_": r"\_", "%": r"\%",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "∂": r"\ensuremath{\partial}", "<": r"\ensuremath{<}",
    ">": r"\ensuremath{>}", "-": "{-}", "'": r"\textquotesingle{}",
}  # fmt: skip
MARKDOWN_SIGNS = {sign: f"\\{sign}" for sign in "\\`*_{}[]<>#|~"}


def _sheet_html(items: Sequence[Item], title: str, solved: bool) -> str:
    head = "" if solved else f"<p><span>Name:</span><span>Date:</span><span>Score: &emsp; / {len(items)}</span></p>"
    shown = "\n".join(f"<li>{_item_html(item, solved)}</li>" for item in items)
    return HTML.format(title=escape(title), head=head, items=shown)


def _item_html(item: Item, solved: bool) -> str:
    given = f"<pre>{escape(_lines(item.given))}</pre>" if item.given else ""
    options = "".join(f"<li style='margin: 0'>{escape(option)}</li>" for option in item.options)
    question = f"{given}<p>{escape(item.question)} <small>({escape(_kind(item))})</small></p>"
    question += f"<ul>{options}</ul>" if options else ""
    if not solved:
        return question + '<div class="line"></div>' * _room(item)
    return f"{question}<p>Answer: <b>{escape(item.answer)}</b></p><pre>{escape(_lines(item.solution))}</pre>"


def _sheet_markdown(items: Sequence[Item], title: str, solved: bool) -> str:
    parts = [f"# {_marked(title)}", *([] if solved else ["Name: ____________________ Date: ____________"])]
    for place, item in enumerate(items, 1):
        parts.append(f"## {place}. {_kind(item)}")
        if item.given:
            parts.append(f"```text\n{_lines(item.given)}\n```")
        parts.append(_marked(item.question))
        if item.options:
            parts.append("\n".join(f"- {_marked(option)}" for option in item.options))
        if solved:
            parts.append(f"Answer: **{_marked(item.answer)}**")
            parts.append(f"```text\n{_lines(item.solution)}\n```")
        else:
            parts.append("Answer: ____________________")
    return "\n\n".join(parts) + "\n"


def _sheet_latex(items: Sequence[Item], title: str, solved: bool) -> str:
    head = (
        ""
        if solved
        else rf"Name: \hrulefill\quad Date: \hrulefill\quad Score: \underline{{\hspace{{2cm}}}} / {len(items)}"
    )
    shown = "\n".join(_item_latex(item, solved) for item in items)
    return LATEX.replace("<title>", _typeset(title)).replace("<head>", head).replace("<items>", shown)


def _item_latex(item: Item, solved: bool) -> str:
    parts = [r"\item\begin{minipage}[t]{\linewidth}\raggedright"]
    parts += [rf"${formula}$\\" for formula in item.latex]
    parts += [rf"{_code(line)}\\" for line in item.given[len(item.latex) :]]
    parts.append(rf"{_typeset(item.question)} \emph{{({_typeset(_kind(item))})}}")
    parts += [rf"\\ {_typeset(option)}" for option in item.options]
    if solved:
        parts.append(rf"\\ Answer: \textbf{{{_typeset(item.answer)}}}")
        parts += [rf"\\ {_code(line)}" for line in item.solution]
    else:
        parts += [r"\\[0.35cm] \hrulefill"] * _room(item)
    return "\n".join([*parts, r"\end{minipage}\bigskip"])


def _typeset(text: str) -> str:
    return "".join(LATEX_SIGNS.get(sign, sign) for sign in text)


def _code(line: str) -> str:
    return rf"{{\small\ttfamily {_typeset(line)}}}"


def _marked(text: str) -> str:
    return "".join(MARKDOWN_SIGNS.get(sign, sign) for sign in text)


def _lines(lines: Iterable[str]) -> str:
    return "\n".join(lines)


def _room(item: Item) -> int:
    """Return how many lines to leave for the answer: as many as its steps have."""
    return 1 if item.options else min(len(item.solution), MOST_LINES)


def _kind(item: Item) -> str:
    return f"{item.topic}, level {item.level}" if item.level else item.topic


Sheet = Callable[[Sequence[Item], str, bool], str]
SHEETS: Mapping[str, Sheet] = {
    ".html": _sheet_html, ".htm": _sheet_html, ".md": _sheet_markdown, ".tex": _sheet_latex,
}  # fmt: skip


def write_sheets(
    items: Sequence[Item],
    questions: str | os.PathLike[str] | None,
    solutions: str | os.PathLike[str] | None = None,
    *,
    seed: int | None = None,
) -> list[Path]:
    """Write items on a sheet for printing, and their solutions on another one; return the files written.

    Args:
        items: the items, as `engine.teach.make_items` makes them.
        questions, solutions: the files; the suffix, .html, .md or .tex, says what is written. None: no such sheet.
        seed: what the items were made from, to stand on the sheets.

    Raises:
        UsageError: a suffix is another one; nothing is written then.
        OSError: a file cannot be written.

    >>> import tempfile
    >>> from engine.teach import make_items
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [path.name for path in write_sheets(make_items(count=2), folder + "/sheet.md", folder + "/solutions.tex")]
    ['sheet.md', 'solutions.tex']
    """
    number = "" if seed is None else f" (no. {seed})"
    wanted = [(questions, f"Quiz{number}", False), (solutions, f"Solutions{number}", True)]
    texts = {Path(path): _maker(Path(path))(items, title, solved) for path, title, solved in wanted if path is not None}
    for path, text in texts.items():
        write_whole(path, text.encode())
    return list(texts)


def _maker(path: Path) -> Sheet:
    """Return what makes the text of a sheet for a file of this name."""
    if path.suffix.lower() not in SHEETS:
        raise UsageError(f"{path.name!r} does not say what to write: end it with one of {', '.join(SHEETS)}")
    return SHEETS[path.suffix.lower()]
