"""Pages that stand alone: one HTML file with its style, script and data, which fetches nothing."""

import base64
import hashlib
import json
import re
from html import escape
from importlib.resources import files
from string import Template
from typing import Any

from ..drawing.svg import DARK, LIGHT, Theme
from ..support.text import visible

# What a page needs not, though its files do: comments, indentation, and in a style the spaces around signs.
COMMENT = re.compile(r"^ *//.*\n|(?<=[;,{(\[]) // .*$|^ +|^\n|\n(?= *[})\]])", re.MULTILINE)
INDENT = re.compile(r"^ +", re.MULTILINE)
SPACES = re.compile(r'("[^"]*")|/\*.*?\*/|\s*([{};,])\s*|(:)\s+', re.DOTALL)


def asset(name: str) -> str:
    """Return the text of one of the files beside the pages' code."""
    text = files(__package__).joinpath("assets", name).read_text(encoding="utf-8")
    if name.endswith(".css"):
        return SPACES.sub(lambda found: "".join(filter(None, found.groups())), text).replace(";}", "}")
    return (INDENT if name.endswith(".html") else COMMENT).sub("", text)


def colours() -> str:
    """Return the style's variables for the colours of a page, light and dark."""
    return f"{_variables(LIGHT)}\n@media (prefers-color-scheme: dark) {{ {_variables(DARK)} }}"


def standing_alone(template: str, title: str, style: str, script: str, data: Any, **texts: object) -> str:
    """Return a page; its policy allows the page's own style and script alone.

    Args:
        template: the name of its file, with places for all of these, and for ``policy``.
        title: the page's title, as text.
        style, script: the page's own.
        data: what the script reads, as JSON.
        **texts: what else the template has places for, in HTML.
    """
    encoded = json.dumps(data, allow_nan=False, separators=(",", ":"))
    return Template(asset(template)).substitute(
        title=escape(visible(title)),
        policy=f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; img-src data:; "
        "base-uri 'none'; form-action 'none'",
        style=style,
        script=script,
        data=encoded.replace("</", "<\\/").replace("<!--", "<\\u0021--"),  # these would end the element early
        **texts,
    )


def _hash(code: str) -> str:
    """Return the hash by which the page's policy allows this code alone; see https://www.w3.org/TR/CSP3/."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()}'"


def _variables(theme: Theme) -> str:
    found = (f"--{name.replace('_', '-')}: {colour};" for name, colour in theme._asdict().items() if colour[0] == "#")
    return f":root {{ {' '.join(found)} }}"
