"""The command ``stepgrad lab``: broken backward passes, and the smallest graph that shows it."""

import argparse
from typing import Any

from ..command import JSON, as_path, check_picture, command, describe_node, option, print_result, seconds


@command(
    "lab",
    option("rule", metavar="RULE", nargs="?",
           help="the name of a broken rule, or FILE.py:FUNCTION for your own (- for standard input)"),
    option("-o", "--out", metavar="FILE", type=as_path, help="draw the graph: .svg, .png, .pdf or .dot"),
    option("--timeout", metavar="SECONDS", type=seconds, default=20.0,
           help="the longest time for your own function to take (20)"),
    JSON, has_target=False, check=check_picture,
    examples=["stepgrad lab", "stepgrad lab assigned-not-added", "stepgrad lab mine.py:backward -o smallest.svg"],
)  # fmt: skip
def lab(options: argparse.Namespace) -> int:
    """Show the smallest graph on which a broken backward pass goes wrong, and the first step that differs.

    Without a RULE, list the broken rules. A function of your own takes the root of a graph in which each grad is 0.0,
    and sets the gradients; nodes have data, inputs and local_grads. If it goes wrong, the exit status is 1.
    """
    from ...teach.lab import describe_failure, find_smallest_failure, list_rules
    from ...teach.rules import RULES
    from ..target import choose, load_function, time_limit

    if options.rule is None:
        print_result(options, "\n".join(list_rules()), {code: rule.__doc__ for code, rule in RULES.items()})
        return 0
    is_own = ".py" in options.rule or options.rule == "-"
    with time_limit(options.timeout, options.rule, "--timeout"):
        rule = load_function(options.rule, "backward") if is_own else choose(options.rule, RULES, "the lab", "rule")
        failure = find_smallest_failure(rule)
    lines = describe_failure(rule, failure)
    result: dict[str, Any] = {"rule": options.rule, "is_right": failure is None, "failure": None}
    if failure:
        problem = failure.problem
        nodes = [
            describe_node(node, problem.names) | {"gradient": problem.grad(node), "found": failure.grads[node]}
            for node in problem.order
        ]
        result["failure"] = {"graphs_tried": failure.tried, "nodes": nodes, "difference": failure.difference}
        if options.out:
            result["drawing"] = failure.draw().save(options.out)
            lines = [*lines, str(result["drawing"])]
    print_result(options, "\n".join(lines), result)
    return int(is_own and failure is not None)
