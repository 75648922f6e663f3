"""The language of docstrings, comments, messages and pages: phrases that have a better standard form.

``python -m tests.contracts.language engine/program`` lists what is found below a folder, or in all rooms.
"""

import ast
import io
import re
import sys
import tokenize
from pathlib import Path

ROOT = Path(__file__).parents[2]
KINDS = (".py", ".md", ".html", ".js", ".toml")

# Each pattern, and what to write instead. Text is matched with its line breaks and repeated blanks made one blank.
PHRASES = {
    r"\b(?:is|are|was|were) none\b": '"is not a ...", or the requirement: "must be at least 1, not 0"',
    r"(?<![Tt]here )\b(?:is|are|was|were) no (?!longer\b|more\b|less\b)": '"is not a ..."',
    r"\b(?:told|tells?|telling) of\b": '"describes", "is documented"',
    r"\b[Ss]omebody\b|\b[Nn]obody\b": '"you", or the code as the subject',
    r"\b[Dd]erivatives? (?:of (?:the )?\S+ )?by (?!hand|central|finite|forward|reverse)": '"with respect to"',
    r"\bas ever\b": '"as usual"',
    r"\bin (?:the|its|their) place of\b": '"instead of"',
    r"\bit (?:is|was) (?:one of )?'": "\"x must be 'mean' or 'sum', not ...\"",
    r"\bis no good\b": '"is invalid"',
    r"(?<!none )(?<!all )(?<!some )(?<!most )(?<!one )(?<!each )(?<!both )\bof which\b": '"whose", "none of which"',
    r"\b[Ww]ho (?:forgets|wants|asks|reads|writes|needs)\b": '"if you ..."',
}
# How the docstring of a class does not begin: it is a noun phrase.
VERBS = {"Be", "Do", "Give", "Hold", "Keep", "Let", "Refuse", "Say", "Stand", "Tell"}
# How the docstring of a function does not begin.
VAGUE = {"Be", "Hold", "Tell"}


def squeezed(text):
    """Return a text with one blank wherever it has blanks and line breaks."""
    return " ".join(text.split())


def texts_of_python(source):
    """Yield the line and the text of each string and of each block of comments of a Python file."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.JoinedStr):
            yield (
                node.lineno,
                "".join(str(part.value) if isinstance(part, ast.Constant) else "x" for part in node.values),
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value
    comments = [
        token for token in tokenize.generate_tokens(io.StringIO(source).readline) if token.type == tokenize.COMMENT
    ]
    block, begins, last = "", 0, None
    for token in comments:
        line, column = token.start
        if (line - 1, column) != last:
            yield begins, block
            block, begins = "", line
        block += " " + token.string.lstrip("#: ")
        last = line, column
    yield begins, block


def texts_of_page(text):
    """Yield the first line and the text of each paragraph."""
    line = 1
    for paragraph in re.split(r"(\n\s*\n)", text):
        yield line + len(paragraph) - len(paragraph.lstrip("\n")), paragraph
        line += paragraph.count("\n")


def beginnings(source):
    """Yield the line of each docstring that begins with a verb that says little, and what to write instead."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = (ast.get_docstring(node) or "").partition(" ")[0].rstrip(".,:")
            if isinstance(node, ast.ClassDef) and first in VERBS:
                yield node.lineno, f"{node.name}: {first} ...", "a class's docstring is a noun phrase"
            elif not isinstance(node, ast.ClassDef) and first in VAGUE:
                yield node.lineno, f"{node.name}: {first} ...", "the verb of what the function does"


def found(name, text):
    """Return what is to be written better in a file, as sentences with its name and the line."""
    is_python = name.endswith(".py")
    better = [*beginnings(text)] if is_python else []
    for line, part in texts_of_python(text) if is_python else texts_of_page(text):
        written = squeezed(part)
        for phrase, instead in PHRASES.items():
            better += [(line, match[0], instead) for match in re.finditer(phrase, written)]
    return [f"{name}:{line}: {what!r}; write {instead}" for line, what, instead in sorted(set(better))]


def files(room):
    """Return the files below a folder that hold text, or the one that is named."""
    path = ROOT / room
    return [path] if path.is_file() else sorted(each for each in path.rglob("*") if each.suffix in KINDS)


if __name__ == "__main__":
    for room in sys.argv[1:] or ["engine", "nn", "demos", "README.md", "tests"]:
        for path in files(room):
            for sentence in found(str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")):
                print(sentence)
