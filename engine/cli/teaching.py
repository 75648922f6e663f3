"""Commands to learn with: quiz, lab."""

from __future__ import annotations

import argparse
from pathlib import Path

from .command import command, option, positive
from .target import chosen, function_of


@command(
    "quiz",
    option("--level", type=int, choices=range(1, 7), help="how hard, from 1 to 6 (from 1 up to 6)"),
    option("--topic", metavar="NAMES", type=lambda text: text.split(","), action="extend", default=[],
           help="what to ask for, such as path,gradient: value, local, path, gradient, step, update, find, ideas "
                "(all but ideas)"),
    option("--seed", metavar="N", type=int, help="the same number gives the same questions (others each time)"),
    option("--count", metavar="N", type=positive, default=10, help="how many questions (10)"),
    option("--export", metavar="FILE", type=Path, help="write them on a sheet instead: .html, .md or .tex"),
    option("--solutions", metavar="FILE", type=Path, help="write a sheet with the solutions, likewise"),
    examples=["stepgrad quiz --level 3 --topic gradient,path", "stepgrad quiz --topic ideas --count 5",
              "stepgrad quiz --seed 7 --export sheet.html --solutions solutions.html"],
    has_target=False,
)  # fmt: skip
def quiz(options: argparse.Namespace) -> int:
    """Ask questions on the chain rule, and say which mistake leads to a wrong answer.

    Answers are numbers, fractions or expressions, such as -3/4 or 2*b. Enter alone shows the solution, Ctrl-D quits.
    """
    from ..teach.quiz import ask_items, draw_seed, make_items
    from ..teach.sheet import write_sheets

    seed = draw_seed() if options.seed is None else options.seed
    asked = make_items(options.level, options.topic, seed, options.count)
    if options.export or options.solutions:
        for path in write_sheets(asked, options.export, options.solutions, seed=seed):
            print(path)
    else:
        ask_items(asked, seed)
    return 0


@command(
    "lab",
    option("rule", metavar="RULE", nargs="?", help="a broken rule by its name, or FILE.py:FUNCTION with one of yours"),
    option("-o", "--out", metavar="FILE", type=Path, help="draw the graph there: .svg, .png, .pdf or .dot"),
    examples=["stepgrad lab", "stepgrad lab assigned-not-added", "stepgrad lab mine.py:backward -o smallest.svg"],
    has_target=False,
)  # fmt: skip
def lab(options: argparse.Namespace) -> int:
    """Show the smallest graph on which a broken backward pass goes wrong, and the step that differs.

    Without a RULE it lists those that it has. A function of yours takes the root of a graph in which each grad is 0.0,
    and leaves the gradients there; nodes have data, inputs and local_grads. The status is 1 if yours goes wrong.
    """
    from ..teach.lab import describe_failure, find_smallest_failure, list_rules
    from ..teach.rules import RULES

    if options.rule is None:
        print("\n".join(list_rules()))
        return 0
    file, _, name = options.rule.partition(".py:")
    own = f"{file}.py" if name else options.rule
    is_own = own.endswith(".py")
    rule = function_of(Path(own), name or "backward") if is_own else chosen(options.rule, RULES, "the lab", "rule")
    failure = find_smallest_failure(rule)
    print("\n".join(describe_failure(rule, failure)))
    if failure and options.out:
        print(failure.draw().save(options.out))
    return int(is_own and failure is not None)
