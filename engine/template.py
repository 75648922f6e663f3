r"""Templates: the name and the texts that an operation is written with, checked when it is entered.

They go into programs, formulas, LaTeX, drawings, pages and terminals. So each text is one line that can be shown as it
is; braces hold the places of operands and parameters, and nothing else; and LaTeX has commands of formulas, none that
reads a file, defines a command or makes a link.
"""

import re
from collections.abc import Collection, Mapping
from keyword import iskeyword
from typing import Any

from .errors import OperationError

MAX_NAME, MAX_TEXT = 60, 300  # characters
TEXTS = ("symbol", "text", "latex", "domain", "hint", "convention", "role")
ROLES = ("", "activation", "linear")
PLACE = re.compile(r"\{\{|\}\}|\{(\w*)\}|([{}])")
COMMAND = re.compile(r"\\([A-Za-z]+|.?)")
NOT_IN_FORMULAS = re.compile(r"(?<!\\)[%#&$~]|\^\^")
_COMMANDS = """
frac dfrac tfrac sqrt binom left right middle big Big bigg Bigg operatorname text textrm mathrm mathbf mathit mathsf
mathtt mathcal mathbb mathop limits displaystyle textstyle hat bar tilde vec dot ddot overline underline sin cos tan
cot sec csc arcsin arccos arctan sinh cosh tanh coth exp ln log lg max min sup inf arg det dim gcd lim Pr sum prod int
oint partial nabla infty Re Im ell hbar prime mod bmod pmod cdot times div pm mp circ ast star bullet oplus otimes
odot cap cup wedge vee neg lnot land lor forall exists lfloor rfloor lceil rceil langle rangle lvert rvert lVert rVert
vert Vert mid lbrace rbrace lbrack rbrack leq le geq ge neq ne lt gt ll gg approx equiv sim simeq propto in notin to
gets mapsto rightarrow leftarrow Rightarrow Leftarrow Leftrightarrow colon ldots cdots dots quad qquad alpha beta
gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi pi varpi rho varrho sigma varsigma
tau upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega
"""
COMMANDS = frozenset(_COMMANDS.split())
SIGNS = frozenset(r",;:!{}|%#&_$ ")  # what may stand behind a backslash


def check_name(name: object) -> None:
    """Require a name that an operation can have in programs, and as a method of Value.

    Raises:
        OperationError: it is something else.
    """
    if not isinstance(name, str) or not name.isidentifier() or iskeyword(name):
        raise OperationError(f"the name of an operation must be a Python identifier, not {name!r:.60}")
    if name.startswith("_") or len(name) > MAX_NAME or (not name.isascii() and not _is_normal(name)):
        raise OperationError(
            f"the name of an operation must not begin with _, be longer than {MAX_NAME} characters, or have characters "
            f"that Python replaces by others, unlike {name!r:.80}"
        )


def _is_normal(name: str) -> bool:
    from unicodedata import is_normalized  # names are seldom more than ASCII

    return is_normalized("NFKC", name)


def check_texts(name: str, details: Mapping[str, Any], arity: int, parameters: Collection[str]) -> None:
    """Require texts that every room can show.

    Args:
        name: the operation's.
        details: its texts, by what they are, and other details.
        arity: how many operands it has.
        parameters: the names of its parameters.

    Raises:
        OperationError: a text is something else; the message names it.
    """
    for kind in TEXTS:
        given = details.get(kind, "")
        if not isinstance(given, str):
            raise OperationError(f"{name}: {kind} must be a text, not {type(given).__name__} {given!r:.60}")
        if not given.isprintable() or len(given) > MAX_TEXT:
            raise OperationError(
                f"{name}: {kind} must be one line of at most {MAX_TEXT} characters, without control characters and "
                f"marks that turn the direction of a text, not {given!a:.80}"
            )
    _check_places(name, "symbol", details["symbol"], parameters)
    for kind in ("text", "latex"):
        _check_places(name, kind, details[kind], [*map(str, range(arity)), *parameters])
    trouble = _trouble_of_latex(
        PLACE.sub(lambda found: found[0][0] if found[0] in ("{{", "}}") else "x", details["latex"])
    )
    if trouble:
        raise OperationError(
            f"{name}: latex must be a formula for math mode, such as r'\\left|{{0}}\\right|'; {trouble}"
        )
    if details.get("role", "") not in ROLES:
        raise OperationError(f"{name}: role must be 'activation', 'linear' or '', not {details['role']!r}")


def _check_places(name: str, kind: str, template: str, places: Collection[str]) -> None:
    if not template.strip():
        raise OperationError(f"{name}: {kind} must not be empty")
    for found in PLACE.finditer(template):
        place, brace = found.groups()
        if brace or (place is not None and place not in places):
            known = ", ".join(f"{{{each}}}" for each in places) or "none"
            raise OperationError(
                f"{name}: {kind} must have nothing in braces except the places of operands and parameters, here "
                f"{known}, not {template!r:.80}; double the braces that are meant as such"
            )


def _trouble_of_latex(formula: str) -> str:
    """Return what is wrong with a formula in LaTeX; empty if nothing is found."""
    for command in COMMAND.findall(formula):
        if command not in COMMANDS and command not in SIGNS:
            return f"\\{command} is not a command of formulas that is known here"
    if found := NOT_IN_FORMULAS.search(formula):
        return f"{found[0]} must have a backslash before it, or be left out"
    depth = 0
    for character in re.sub(r"\\.", "", formula):
        depth += (character == "{") - (character == "}")
        if depth < 0:
            break
    if depth:
        return "its braces do not match"
    if len(re.findall(r"\\left(?![A-Za-z])", formula)) != len(re.findall(r"\\right(?![A-Za-z])", formula)):
        return r"each \left needs a \right"
    return ""
