"""Rules on the training loop as a whole: whether it runs, how long, and in what mode the model is used afterwards."""

import ast
from collections.abc import Iterator
from types import GeneratorType

from ..recording.source import Source
from ..support.text import counted, format_number, is_close
from ..value import Value
from .course import Course
from .finding import Edit, Finding
from .statements import functions_around, is_call_of, loops_around, tree_of, used_again

HEAVY = 0.9  # the share that a Dropout drops
MIN_TURNS = 10  # of a loop that is not expected to end after a step


def find_never_trained(course: Course) -> Iterator[Finding]:
    """Find programs whose backward pass stands in a loop without turns, or in a function that is not called."""
    if course.losses or course.failure or course.resets or any(change.is_update for change in course.changes):
        return
    for file in course.files:
        for node in ast.walk(tree_of(file)):
            if is_call_of(node, "backward") and _is_meant_to_run(file, node.lineno):
                source = Source(file, node.lineno, ast.unparse(node))
                sentence = "the training loop never runs: backward() is in the program, but it is not called."
                nodes = counted(len(course.watch.recent), "node")
                evidence = f"no loss was differentiated; the program computed {nodes} in all"
                remedy = "check the range of the loop: range(n) runs n times, range(1, n) runs n - 1 times"
                yield Finding("never-trained", "error", sentence, evidence, remedy, None, source)
                return


def _is_meant_to_run(file: str, line: int) -> bool:
    """Return whether a line is outside of functions, or in one that the program calls."""
    functions = {function.name for function in functions_around(Source(file, line))}
    return all(any(is_call_of(node, name) for node in ast.walk(tree_of(file))) for name in functions)


def find_used_up(course: Course) -> Iterator[Finding]:
    """Find iterators such as ``zip(...)`` that are made before a loop and have no items left after its first turn."""
    for name, thing in course.variables.items():
        if not isinstance(thing, zip | map | filter | enumerate | GeneratorType):
            continue
        for file in course.files:
            for made, used in used_again(file, name):
                kind = type(thing).__name__
                sentence = f"{name} is a {kind}, whose items come once: after the first turn of the loop it is empty."
                evidence = f"in {course.count_of_passes}, each item came once; line {used.lineno} goes through {name} "
                evidence += "in every turn"
                code = f"{name} = list({ast.unparse(made.value)})"
                edits = (Edit("instead", made.lineno, code),)
                source = Source(file, made.lineno, ast.unparse(made))
                remedy = f"make a list of it: {code}"
                yield Finding("iterator-used-up", "error", sentence, evidence, remedy, None, source, edits)
                return


def find_ended_early(course: Course) -> Iterator[Finding]:
    """Find training loops that a ``break`` ends after a step or two, with the loss still large."""
    if not 0 < len(course.losses) <= 2 or not course.losses[-1] > max(0.3 * course.losses[0], 0.0):
        return
    used = course.innermost(course.passes[-1].places) if course.passes else None
    for loop in loops_around(used)[:1] if used else []:
        name = course.root_name(course.passes[-1])
        ends = [
            end for node in ast.walk(loop) if isinstance(node, ast.If) and name and name in ast.unparse(node.test)
            for end in node.body if isinstance(end, ast.Break)
        ]  # fmt: skip
        end = ends[0] if ends else None
        turns = _turns(loop.iter, course)
        if used and end and turns >= MIN_TURNS:
            sentence = f"break ends the training loop after {counted(len(course.losses), 'step')} of {turns}."
            evidence = (
                f"the loss is {format_number(course.losses[-1])}; it was {format_number(course.losses[0])} at first"
            )
            remedy = "check the condition before break: is it to be smaller, or greater?"
            where = Source(used.file, end.lineno, "break", used.function)
            yield Finding("ended-early", "error", sentence, evidence, remedy, None, where)
            return


def _turns(iterable: ast.expr, course: Course) -> int:
    """Return how often a loop over a range would run; 0 where that is not known."""
    if not isinstance(iterable, ast.Call) or ast.unparse(iterable.func) != "range" or len(iterable.args) != 1:
        return 0
    stop = iterable.args[0]
    number = stop.value if isinstance(stop, ast.Constant) else course.variables.get(ast.unparse(stop))
    return number if isinstance(number, int) else 0


def find_heavy_dropout(course: Course) -> Iterator[Finding]:
    """Find a Dropout that leaves next to nothing of a layer, in training that does not get on."""
    for path, thing in course.belongings:
        p = getattr(thing, "p", None)
        is_heavy = type(thing).__name__ == "Dropout" and isinstance(p, float) and p >= HEAVY
        if is_heavy and course.passes:
            sentence = f"{path} drops {p:.0%} of its inputs, so next to nothing gets through."
            evidence = f"{path}.p is {format_number(p)}; in {course.count_of_passes}, the loss goes "
            evidence += course.from_first_to_last
            remedy = "drop less, 0.2 to 0.5: p is the share that is dropped, not the share that is kept"
            yield Finding("dropout-too-large", "warning", sentence, evidence, remedy, None, course.passes[-1].source)
            return


def find_dropout(course: Course) -> Iterator[Finding]:
    """Find predictions after the training that are computed with Dropout still in training mode."""
    drops = [(path, thing) for path, thing in course.belongings if type(thing).__name__ == "Dropout" and thing.p]
    if not drops or not course.steps or course.says("monte.?carlo|mc.?drop|uncertain"):
        return
    end = course.steps[-1].changes[-1].time
    factors = {0.0, *(1.0 / (1.0 - thing.p) for _, thing in drops if thing.p < 1.0)}
    found: list[Value] = []
    for node, birth in course.watch.recent.items():
        if birth.time > end and node.op.name == "mul" and birth.inputs[0].is_result:
            factor = birth.inputs[1]
            if factor.is_constant and any(is_close(factor.data, known) for known in factors):
                found.append(node)
    if not found:
        return
    path, _ = drops[0]
    model = path.split(".")[0].split("[")[0]
    sentence = "the model is used after training with Dropout still on: its predictions change from call to call."
    zeros = sum(course.watch.recent[node].inputs[1].data == 0.0 for node in found)
    evidence = f"after the last update, {zeros} of {len(found)} numbers were dropped"
    remedy = f"switch to evaluation before you use the model: {model}.eval()"
    yield Finding("dropout-still-on", "error", sentence, evidence, remedy, found[0])
