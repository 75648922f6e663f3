"""Mutants: the engine with one thing wrong, which the tests must notice.

A mutant changes one place of a module: a comparison, an operator, a number, a condition, a returned value, or a
statement left out. Texts of messages, annotations and what ``# pragma: no cover`` marks stay as they are. The quick
tests of the module and of its neighbours run until one fails; a mutant that makes them endless is noticed, too.
``python -m tests.mutants --count 300 --seed 1`` prints the survivors, and the share that was killed.

Each mutant is tried in a process of its own, on a copy of the repository in a temporary folder.
"""

import ast
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
LIMIT = 120  # seconds for the tests of a mutant; one that takes longer is noticed
MODULES = {  # and their tests, under tests/engine, those that notice most first
    "operation": "test_ops test_value test_numerics test_slope test_template test_extremum notation/test_symbols",
    "ops": "test_ops test_numerics test_extremum test_pytorch_agreement test_value test_derivatives test_slope",
    "graph": "test_graph test_value test_backprop recording test_derivatives test_capsule",
    "backprop": "test_backprop test_value steps/test_breaks recording test_derivatives test_graph steps/test_walk",
    "derivatives": "test_derivatives test_slope test_value test_numbers test_check recording",
    "value": "test_value test_ops test_micrograd test_backprop test_graph test_extremum recording",
    "check": "test_check test_numerics test_derivatives cli/commands/test_check.py",
    "steps/walk": "steps test_events test_numbers words/test_explanation debugger/test_session",
    "steps/update": "steps test_events debugger/test_update words/test_explanation debugger/test_session",
}
PROGRAM = (
    "test_program test_tracing test_functions test_recordings test_arguments test_source test_backend test_reach "
    "test_surroundings test_replay test_compiled test_strangers native"
)
SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.And: ast.Or, ast.Or: ast.And,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Div,
    ast.Mod: ast.Mult, ast.Pow: ast.Mult, ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr, ast.USub: ast.UAdd,
}  # fmt: skip


class Mutant(NamedTuple):
    """A place in a module, and what stands there instead."""

    module: str
    line: int
    begin: int  # bytes of the module's text
    end: int
    text: str

    def __str__(self) -> str:
        content = _path(ROOT, self.module).read_bytes()
        old = " ".join(content[self.begin : self.end].decode().split())
        return f"engine/{self.module}.py:{self.line}: {old:.70} -> {self.text:.70}"


def _path(folder: Path, module: str) -> Path:
    return folder / "engine" / f"{module}.py"


def modules() -> list[str]:
    """Return the names of the modules that are mutated."""
    program = sorted(path.stem for path in (ROOT / "engine" / "program").glob("*.py") if path.stem != "__init__")
    return [*MODULES, *(f"program/{name}" for name in program)]


def tests_of(module: str) -> list[str]:
    """Return the tests of a module, those that notice most first; its own doctests are among them."""
    inside = "program/" if module.startswith("program/") else ""
    names = [f"{inside}{name}" for name in PROGRAM.split()] if inside else MODULES[module].split()
    own = f"{inside}test_{module.removeprefix(inside)}"
    names.sort(key=lambda name: name != own)
    found = [f"tests/engine/{name}" for name in names]
    return [f"engine/{module}.py", *(n if (ROOT / n).is_dir() or n.endswith(".py") else f"{n}.py" for n in found)]


def mutants(module: str) -> Iterator[Mutant]:
    """Return all mutants of a module."""
    content = _path(ROOT, module).read_bytes()
    starts = [0]
    for line in content.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    excluded = {n for n, line in enumerate(content.decode().splitlines(), 1) if "pragma: no cover" in line}

    def mutant(node: ast.expr | ast.stmt, text: str) -> Iterator[Mutant]:
        if node.lineno not in excluded:
            assert node.end_lineno is not None
            assert node.end_col_offset is not None
            begin = starts[node.lineno - 1] + node.col_offset
            end = starts[node.end_lineno - 1] + node.end_col_offset
            yield Mutant(module, node.lineno, begin, end, text)

    for node in _computed(ast.parse(content)):
        for text in _changes(node):
            yield from mutant(node, text)


def _computed(node: ast.AST) -> Iterator[ast.expr | ast.stmt]:
    """Return the parts that are computed: not annotations, docstrings, and what is for type checkers alone."""
    if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
        for each in node.orelse:
            yield from _computed(each)
        return
    if isinstance(node, ast.FunctionDef) and any("overload" in ast.unparse(each) for each in node.decorator_list):
        return
    if isinstance(node, ast.ClassDef) and any(ast.unparse(base).startswith("Protocol") for base in node.bases):
        return
    if isinstance(node, ast.stmt) and not isinstance(
        node, ast.FunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom
    ):
        yield node
    if isinstance(node, ast.keyword) and node.arg == "samples":  # other points to be tested at are not wrong
        return
    if isinstance(node, ast.expr):
        yield node
    for name, field in ast.iter_fields(node):
        if name in ("annotation", "returns", "type_comment", "decorator_list", "type_params", "bases"):
            continue
        for child in field if isinstance(field, list) else [field]:
            if isinstance(child, ast.AST) and not isinstance(child, ast.JoinedStr):
                yield from _computed(child)


def _changes(node: ast.expr | ast.stmt) -> Iterator[str]:
    """Return what may stand in the place of a part."""

    def again(**fields: object) -> str:
        made = type(node)(**{**{name: getattr(node, name) for name in node._fields}, **fields})
        text = ast.unparse(ast.fix_missing_locations(made))
        return f"({text})" if isinstance(node, ast.expr) else text

    match node:
        case ast.Compare(ops=ops):
            for place, op in enumerate(ops):
                if type(op) in SWAPS:
                    yield again(ops=[*ops[:place], SWAPS[type(op)](), *ops[place + 1 :]])
        case ast.BinOp(op=op) | ast.BoolOp(op=op) | ast.UnaryOp(op=op) | ast.AugAssign(op=op) if type(op) in SWAPS:
            yield again(op=SWAPS[type(op)]())
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield f"(bool({ast.unparse(operand)}))"
        case ast.Constant(value=bool() as value):
            yield str(not value)
        case ast.Constant(value=int() | float() as value):
            yield repr(value + 1 if abs(value) < 2**50 else value / 2)
        case ast.IfExp(body=body, orelse=orelse):
            yield again(body=orelse, orelse=body)
        case ast.Break():
            yield "continue"
        case ast.Continue():
            yield "break"
        case ast.Return(value=ast.expr() as value) if ast.unparse(value) != "None":
            yield "return None"
        case ast.Raise() | ast.Delete():
            yield "pass"
        case ast.Expr(value=ast.Call()) | ast.Expr(value=ast.Yield()):
            yield "pass"
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript()]):
            yield "pass"


def prepared(folder: Path) -> None:
    """Copy the repository into a folder."""
    shutil.copytree(
        ROOT, folder, ignore=shutil.ignore_patterns("__pycache__", ".*", "*.ipynb", "out"), dirs_exist_ok=True
    )


def fails(folder: Path, tests: list[str], limit: float, compiles: bool = False) -> str:
    """Run tests in a copy of the repository; return what they print if they fail, else nothing."""
    paths = os.pathsep.join([str(folder), str(folder / "engine" / "top")])
    environment = {**os.environ, "PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "" if compiles else "1"}
    marks = ["-m", "not slow and not alone"]
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *marks, "--rootdir", ".", *tests]
    with subprocess.Popen(
        command, cwd=folder, env=environment, start_new_session=True, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ) as run:  # fmt: skip
        try:
            printed, _ = run.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            os.killpg(run.pid, signal.SIGKILL)
            return "no end"
        return printed if run.returncode else ""


def survives(folder: Path, mutant: Mutant) -> bool:
    """Return whether no test notices a mutant."""
    path = _path(folder, mutant.module)
    content, stat = path.read_bytes(), path.stat()
    changed = content[: mutant.begin] + mutant.text.encode() + content[mutant.end :]
    try:
        compile(changed, str(path), "exec")
    except SyntaxError:
        return False
    path.write_bytes(changed)
    try:
        return not fails(folder, tests_of(mutant.module), LIMIT)
    finally:
        path.write_bytes(content)
        os.utime(path, (stat.st_atime, stat.st_mtime))


def main() -> int:
    """Try a random choice of mutants, and print what survived."""
    parser = ArgumentParser(description="Change one place of the engine at a time, and see that a test fails.")
    parser.add_argument("modules", nargs="*", help="such as graph or program/plan; without any, all")
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # shells let what runs behind them ignore it
    found = [mutant for module in options.modules or modules() for mutant in mutants(module)]
    chosen = random.Random(options.seed).sample(found, min(options.count, len(found)))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepared(folder)
        tests = {test: None for mutant in chosen for test in tests_of(mutant.module)}
        if why := fails(folder, list(tests), 10 * LIMIT, compiles=True):
            print(f"{why[-3000:]}\nthe tests fail without a mutant")
            return 2
        survivors = 0
        for place, mutant in enumerate(chosen, 1):
            if survives(folder, mutant):
                survivors += 1
                print(f"alive: {mutant}", flush=True)
            if place % 20 == 0:
                print(f"{place} tried, {1 - survivors / place:.1%} killed", flush=True)
    killed = len(chosen) - survivors
    print(f"{len(chosen)} of {len(found)} mutants tried, {killed} killed: {killed / len(chosen):.1%}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
