"""The command ``stepgrad doctor``: what is wrong with a program that trains, or with a loss."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..command import JSON, command, print_result

if TYPE_CHECKING:
    from ...doctor.finding import Diagnosis
    from ..target import Target

HISTORIES = "history", "losses", "loss_history"  # names that programs give to the losses of their steps


def examine(target: str, numbers: Mapping[str, float]) -> Diagnosis:
    """Run a program while it is watched, and return what is wrong with it; or with the graph of an expression.

    Raises:
        StepgradError: the program cannot be run, and the doctor does not know why.
    """
    from ...doctor.course import Course
    from ...doctor.diagnosis import diagnose_course
    from ...doctor.watch import Watch
    from ...errors import StepgradError
    from ...notation.expression import parse
    from ..target import Target, is_capsule, open_capsule, pick, run_program, split

    file, name, text = split(target)
    if not file:
        return diagnose_alone(Target(parse(text, **numbers), {}))
    if is_capsule(file):
        return diagnose_alone(open_capsule(file, name, text, numbers))
    variables: dict[str, Any] = {}
    failure: StepgradError | None = None
    with Watch() as watch:
        try:
            variables = run_program(file, text, numbers)
        except StepgradError as error:
            failure = error
    while watch.inner:  # the program's own
        watch = watch.inner
    course = Course(watch, variables, failure and failure.__cause__, file)
    found = diagnose_course(course)
    if failure and not found:
        raise failure
    if name:
        return diagnose_alone(pick(file, name, variables))
    if found or failure or len(course.losses) > 1:
        return found
    try:  # without a training, there is the final result
        return diagnose_alone(pick(file, name, variables))
    except StepgradError:
        if course.losses or course.changes:
            return found
        raise


@command(
    "doctor", JSON, open=examine,
    examples=["stepgrad doctor train.py", 'stepgrad doctor "sigmoid(sigmoid(w*x))" w=40 x=2'],
)  # fmt: skip
def doctor(found: Diagnosis, options: argparse.Namespace) -> int:
    """Find what is wrong with a training program, or with a loss, its gradients and its parameters.

    The program runs as usual and is watched: every backward pass, every update, every gradient that is set back. The
    root cause comes first. Where a program calls backward() once, its final result alone is examined: the parameters
    are then those of the program's models (objects with a method parameters) and of its list parameters or params, and
    a list history, losses or loss_history holds the losses. Warnings and errors make the exit status 1.
    """
    print_result(options, found, {"examined": found.examined, "findings": found})
    return int(any(finding.severity != "note" for finding in found))


def diagnose_alone(target: Target) -> Diagnosis:
    """Return what is wrong with the final result of a program, or with an expression."""
    from ...doctor.diagnosis import diagnose

    return diagnose(target.root, target.parameters, _history(target), variables=target.variables)


def _history(target: Target) -> list[float] | None:
    """Return the losses of a program's steps, if it kept them; a list whose mean is the loss is not that."""
    from numbers import Real

    from ...value import Value

    inside = set(target.names.order) - {target.root}
    for kept in map(target.variables.get, HISTORIES):
        if not isinstance(kept, list | tuple) or not all(isinstance(x, Real | Value) for x in kept):
            continue
        if inside.isdisjoint(x for x in kept if isinstance(x, Value)):
            return [float(x) for x in kept]
    return None
