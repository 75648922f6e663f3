"""The language of all rooms: none of the phrases that have a better standard form."""

import pytest

from .language import ROOT, files, found

ROOMS = [
    ".github", "Makefile", "README.md", "demos", "engine", "nn", "pyproject.toml", "tests/README.md",
    "tests/benchmarks", "tests/demos", "tests/engine/doctor", "tests/engine/notation", "tests/engine/steps",
    "tests/engine/support", "tests/engine/teach", "tests/engine/words",
]  # fmt: skip
NAMES = [path.relative_to(ROOT).as_posix() for room in ROOMS for path in files(room)]


@pytest.mark.parametrize("name", sorted(NAMES))
def test_texts_are_in_standard_terms(name):
    assert found(name, (ROOT / name).read_text(encoding="utf-8")) == []


def test_every_room_and_every_file_is_there():
    assert [room for room in ROOMS if not files(room)] == []


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("a.py", "raise ValueError(f'theme={theme!r} is none: write light')", "a.py:1: 'is none'"),
        ("a.py", "x = 1\n# This is\n# no list.\n", "a.py:2: 'is no '"),
        ("a.py", "def f():\n    '''Return what\n    the reader was told of.'''", "a.py:2: 'told of'"),
        ("a.py", "# Somebody, or nobody\n", "a.py:1: 'nobody'"),
        ("a.py", "'the derivative of f by x'", "a.py:1: 'derivative of f by '; write \"with respect to\""),
        (
            "a.py",
            "class A:\n    '''Hold a number.'''",
            "a.py:1: 'A: Hold ...'; write a class's docstring is a noun phrase",
        ),
        ("a.py", "class A:\n    '''Be.'''", "'A: Be ...'"),
        ("a.py", "def f():\n    '''Tell what it is.'''", "'f: Tell ...'; write the verb"),
        ("a.md", "# Title\n\nA cell, the first\nof which is shown.\n", "a.md:3: 'of which'"),
        ("a.md", "Derivatives by x are 2.\n\nHere all is as ever.\n", "a.md:3: 'as ever'"),
        ("a.html", "<p>Who forgets it gets a\n  hint in the place of an error</p>", "a.html:1: 'in the place of'"),
        ("a.py", "f\"reduce={x!r} is wrong: it is 'mean' or 'sum'\"", "it is '"),
        ("a.js", "// there are none\nlet x = 'this is no number';\n", "a.js:1: 'are none'"),
    ],
)
def test_the_checker_finds_what_is_wrong(name, text, says):
    assert says in "\n".join(found(name, text))
    assert found(name, text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.py", "if x is None or x.is_none:\n    is_no = 1\n"),
        ("a.py", "# It is no longer used, and there is no step 99; none of which matters.\n"),
        ("a.py", "class A:\n    '''A number.'''\n    def hold(self):\n        '''Keep it.'''\n"),
        ("a.py", "# the derivative by hand, by central differences, by forward mode\n"),
        ("a.py", "# x is\n\n# no\n"),
        ("a.md", "The derivative with respect to x.\n\nIt is 3.\n"),
    ],
)
def test_the_checker_lets_pass_what_is_right(name, text):
    assert found(name, text) == []
