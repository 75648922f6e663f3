"""The language of the rooms that have been read: none of the phrases that have a better standard form."""

import pytest

from .language import ROOT, files, found

# Rooms and files that have been read again. Whatever is written in them from then on keeps to the rules.
READ = [
    ".github",
    "demos/build/gallery.py",
    "demos/build/reference.py",
    "engine/cli",
    "engine/debugger",
    "engine/drawing",
    "engine/page",
    "engine/steps/numbers.py",
    "engine/teach",
    "engine/words/mistakes.py",
    "tests/README.md",
    "demos/backprop.py",
    "demos/in_your_debugger.md",
    "demos/mistakes",
    "demos/digits.py",
    "demos/iris.py",
    "demos/moons.py",
    "demos/names.py",
    "demos/regression.py",
    "demos/xor.py",
    "nn/__init__.py",
    "nn/checks.py",
    "nn/data",
    "nn/errors.py",
    "nn/exchange",
    "nn/initialisation.py",
    "nn/layers.py",
    "nn/losses.py",
    "nn/modules.py",
    "nn/parts.py",
    "nn/plots",
    "nn/random.py",
    "nn/saving",
    "engine/doctor",
    "engine/notation",
    "engine/paths.py",
    "engine/steps",
    "engine/program",
    "engine/support",
    "engine/words",
    "nn/explanation.py",
    "nn/optimisers.py",
    "nn/training",
    "demos/mistakes",
    "tests/engine/doctor",
    "tests/engine/notation",
    "tests/engine/program",
    "tests/engine/steps",
    "tests/engine/support",
    "tests/engine/words",
    "tests/nn/training",
    "tests/nn/test_optimisers.py",
]


@pytest.mark.parametrize(
    "path", [path for room in READ for path in files(room)], ids=lambda path: str(path.relative_to(ROOT))
)
def test_texts_are_in_standard_terms(path):
    assert found(path.name, path.read_text(encoding="utf-8")) == []


def test_every_room_that_was_read_is_there():
    assert [room for room in READ if not files(room)] == []


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
