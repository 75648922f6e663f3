"""The command ``stepgrad check``: gradients against central differences."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from ..command import JSON, NOW, command, option, print_result

if TYPE_CHECKING:
    from ...value import Value
    from ..target import Target

MAX_EVALUATIONS = 20_000_000  # of single operations, for one check: about half a minute


@command(
    "check", option("--wrt", metavar="NAMES", help="check with respect to these inputs, such as a,b (all)"),
    NOW, JSON,
    examples=['stepgrad check "a*b + tanh(a)" a=2 b=-3', "stepgrad check train.py:loss --wrt 'w[0],b'"],
)  # fmt: skip
def check(target: Target, options: argparse.Namespace) -> int:
    """Check the gradients of a Value against central differences."""
    from ...check import check_gradients
    from ...errors import GradientMismatchError, StepgradError

    target = target.settled(options)
    order, inputs = target.names.order, target.inputs(options.wrt)
    evaluations = 26 * len(inputs) * len(order)  # a central difference with up to 12 halvings of its step, for each
    if evaluations > MAX_EVALUATIONS:
        raise StepgradError(
            f"the graph has {len(order):,} values and {len(inputs):,} inputs, and checking them all would take "
            "minutes; choose some with --wrt NAMES"
        )

    def computed_again(*_: Value) -> Value:
        made: dict[Value, Any] = {}
        for node in order:
            made[node] = node.op(*(made[x] for x in node.inputs)) if node.inputs else node
        return made[target.root]  # type: ignore[no-any-return]

    try:
        report = check_gradients(computed_again, inputs)
    except GradientMismatchError as error:
        if not options.json:
            raise
        report = error.report
    print_result(options, report, {"agrees": report.agrees, "rows": report.rows})
    return int(not report.agrees)
