"""Statements: questions to the text of a program about the lines where something happened."""

import ast
import io
import linecache
import re
import tokenize
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain
from typing import TypeGuard

from ..recording.source import Source

Loop = ast.For | ast.comprehension


@lru_cache(maxsize=32)
def _parsed(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except SyntaxError:  # such as a cell of a notebook with commands in it
        return None


def tree_of(file: str) -> ast.Module:
    """Return the parsed text of a file; an empty module if it cannot be parsed."""
    return _parsed("".join(linecache.getlines(file))) or ast.Module([], [])


def says(file: str, words: str) -> bool:
    """Return whether a name, a comment or a text of a program matches a pattern, whatever its case."""
    text = "".join(linecache.getlines(file))
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    except (SyntaxError, tokenize.TokenError):
        return False
    kinds = tokenize.NAME, tokenize.COMMENT, tokenize.STRING
    return any(token.type in kinds and re.search(words, token.string, re.IGNORECASE) for token in tokens)


def is_call_of(node: ast.AST, name: str) -> TypeGuard[ast.Call]:
    """Return whether a part of a program is a call of a function or a method of this name."""
    called = node.func if isinstance(node, ast.Call) else None
    return getattr(called, "attr", getattr(called, "id", "")) == name


def calls(file: str, name: str) -> bool:
    """Return whether a program calls a method of this name anywhere."""
    return any(is_call_of(node, name) for node in ast.walk(tree_of(file)))


def _around(file: str, line: int) -> Iterator[ast.AST]:
    """Yield the parts of a program that run over a line, the outermost first."""
    for node in ast.walk(tree_of(file)):
        if hasattr(node, "lineno") and node.lineno <= line <= node.end_lineno:  # type: ignore[attr-defined]
            yield node


def loops_around(source: Source) -> list[ast.For]:
    """Return the loops whose body runs over a statement, the outermost first; those of its own function alone."""
    found: list[ast.For] = []
    for node in _around(source.file, source.line):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            found.clear()
        elif isinstance(node, ast.For) and node.body[0].lineno <= source.line:
            found.append(node)
    return found


def functions_around(source: Source) -> list[ast.FunctionDef]:
    """Return the functions that run over a statement, the outermost first."""
    return [node for node in _around(source.file, source.line) if isinstance(node, ast.FunctionDef)]


def is_overwritten(made: Source, used: Source) -> bool:
    """Return whether a statement assigns in a loop what is used only after the loop, without adding to it."""
    inner = [loop for loop in loops_around(made) if loop not in loops_around(used)]
    if not inner or made.file != used.file or used.line <= (inner[0].end_lineno or 0):
        return False
    for node in _around(made.file, made.line):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            return node.targets[0].id not in _names(node.value)
    return False


def assigned_names(file: str) -> set[str]:
    """Return the names of all variables and attributes that assignments bind."""
    targets = [x for node in ast.walk(tree_of(file)) if isinstance(node, ast.Assign) for x in node.targets]
    single = [x for target in targets for x in (target.elts if isinstance(target, ast.Tuple) else [target])]
    return {getattr(x, "attr", getattr(x, "id", "")) for x in single}


def sorts(file: str, name: str) -> Source | None:
    """Return the statement that sorts a list by itself: ``name.sort()`` or ``name = sorted(name)``."""
    for node in ast.walk(tree_of(file)):
        if isinstance(node, ast.Expr | ast.Assign):
            text = ast.unparse(node)
            if text.startswith((f"{name}.sort(", f"{name} = sorted({name}")):
                return Source(file, node.lineno, text)
    return None


def used_again(file: str, name: str) -> Iterator[tuple[ast.Assign, ast.expr]]:
    """Yield assignments before a loop to a name that each of its turns goes through again, and the name there."""
    made = {
        node.lineno: node for node in ast.walk(tree_of(file))
        if isinstance(node, ast.Assign) and any(isinstance(x, ast.Name) and x.id == name for x in node.targets)
    }  # fmt: skip
    for outer in ast.walk(tree_of(file)):
        if not isinstance(outer, ast.For | ast.While) or not outer.end_lineno:
            continue
        inside = [node for statement in outer.body for node in ast.walk(statement)]
        over = [node.iter for node in inside if isinstance(node, ast.For | ast.comprehension)]
        uses = [each for each in over if isinstance(each, ast.Name) and each.id == name]
        before = [line for line in made if line < outer.lineno]
        if uses and before and not any(outer.lineno <= line <= outer.end_lineno for line in made):
            yield made[max(before)], uses[0]


def unconditional_exit(source: Source) -> tuple[ast.For, ast.stmt] | None:
    """Return a loop over data around a statement that ends in its first turn, and the ``break`` or ``return`` there."""
    for loop in reversed(loops_around(source)):
        for statement in loop.body:
            if isinstance(statement, ast.Break | ast.Return):
                return loop, statement
    return None


def unused_targets(source: Source) -> Iterator[str]:
    """Yield the variables of loops and comprehensions over a line that these do not use.

    A loop over ``range(n)`` merely counts; one over a range with a step, or over the range of a length, picks data.
    """
    loops: list[Loop] = [*loops_around(source)]
    bodies: list[list[ast.AST]] = [[*loop.body] for loop in loops_around(source)]
    for node in _around(source.file, source.line):
        if isinstance(node, ast.ListComp | ast.GeneratorExp | ast.SetComp):
            loops += node.generators
            rest = chain(node.generators[1:], *(g.ifs for g in node.generators))
            bodies += [[node.elt, *rest]] * len(node.generators)
    for loop, body in zip(loops, bodies, strict=True):
        if _picks_data(loop.iter):
            used = set(chain.from_iterable(map(_names, body)))
            yield from (name for name in sorted(_names(loop.target)) if name not in used and name[0] != "_")


def _picks_data(iterable: ast.expr) -> bool:
    called = ast.unparse(iterable.func) if isinstance(iterable, ast.Call) else ""
    if called == "range":
        arguments = iterable.args  # type: ignore[attr-defined]
        return len(arguments) == 3 or "len(" in ast.unparse(arguments[0])
    return not called.endswith(("enumerate", "items", "named_parameters"))


def unused_arguments(source: Source) -> Iterator[str]:
    """Yield the arguments that the functions around a statement do not use."""
    for function in functions_around(source):
        used = set(chain.from_iterable(map(_names, function.body)))
        for argument in function.args.args:
            if argument.arg not in used and argument.arg not in ("self", "cls") and argument.arg[0] != "_":
                yield argument.arg


def _names(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
