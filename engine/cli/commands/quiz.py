"""The command ``stepgrad quiz``: questions on the chain rule."""

import argparse

from ...support.files import check_writable
from ...support.streams import say
from ...support.terminal import colours
from ..command import COLOR, as_path, as_plain, command, option, positive, print_json


def check_files(options: argparse.Namespace) -> None:
    """Make sure that the sheets can be written."""
    from ...teach.quiz_page import check_quiz
    from ...teach.sheet import check_sheets

    check_sheets(options.export, options.solutions)
    if options.html:
        check_quiz(options.html)
    for path in filter(None, (options.export, options.solutions, options.html)):
        check_writable(path)


@command(
    "quiz",
    option("--level", type=int, choices=range(1, 7), help="the level, 1 to 6 (default: rising from 1 to 6)"),
    option("--topic", metavar="NAMES", type=lambda text: text.split(","), action="extend", default=[],
           help="the topics, such as path,gradient: value, local, path, gradient, step, update, find, ideas "
                "(all but ideas)"),
    option("--seed", metavar="N", type=int, help="the same seed gives the same questions (a new one each time)"),
    option("--count", metavar="N", type=positive, default=10, help="the number of questions (10)"),
    option("--export", metavar="FILE", type=as_path,
           help="write a sheet with the questions instead: .html, .md or .tex"),
    option("--solutions", metavar="FILE", type=as_path, help="write a sheet with the solutions: .html, .md or .tex"),
    option("--html", metavar="FILE", type=as_path,
           help="write ten quizzes as a page instead, which asks and judges offline: .html"),
    COLOR,
    option("--json", action="store_true", help="print the questions, answers and solutions as JSON; ask nothing"),
    examples=["stepgrad quiz --level 3 --topic gradient,path", "stepgrad quiz --topic ideas --count 5",
              "stepgrad quiz --html quiz.html",
              "stepgrad quiz --seed 7 --export sheet.html --solutions solutions.html"],
    has_target=False, check=check_files,
)  # fmt: skip
def quiz(options: argparse.Namespace) -> int:
    """Ask questions on the chain rule, and say which mistake leads to a wrong answer.

    Answers are numbers, fractions or expressions, such as -3/4 or 2*b. Enter alone shows the solution; Ctrl-D quits.
    """
    from ...teach.quiz import ask_items, draw_seed, make_items
    from ...teach.quiz_page import write_quiz
    from ...teach.sheet import write_sheets

    seed = draw_seed() if options.seed is None else options.seed
    asked = make_items(options.level, options.topic, seed, options.count)
    files = options.export or options.solutions or options.html
    paths = write_sheets(asked, options.export, options.solutions, seed=seed)
    if options.html:
        paths.append(write_quiz(options.html, options.level, options.topic, seed, options.count))
    if options.json:
        found = [as_plain(item) | {"options": item.options, "answer": item.answer} for item in asked]
        print_json(options, {"seed": seed, "items": found} | ({"files": paths} if files else {}))
    elif files:
        for path in paths:
            say(path)
    else:
        with colours(options.color):
            ask_items(asked, seed)
    return 0
