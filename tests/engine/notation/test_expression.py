"""Expressions that people type: they mean what they mean in Python, and what is wrong with one is pointed at."""

import contextlib
import inspect
import math
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import engine
from engine import DomainError, ExpressionError, StepgradError, Value, leaves, parse, topological_order
from engine.notation.expression import MAX_LENGTH, MAX_WIDTH, OTHER_NAMES, Reader, number

NUMBERS = {"a": 0.7, "b": -1.3, "c": 2.0}


def flat(root):
    """Return all that a graph is, node by node; texts, so that not-a-number equals itself."""
    order = topological_order(root)
    place = {node: i for i, node in enumerate(order)}
    return [(str(n.op), repr(n.data), n.label, repr(n.local_grads), [place[x] for x in n.inputs]) for n in order]


def marked(error):
    """Return the sentence of an error and the part of the text that it points at."""
    says, line, marks = str(error).split("\n")
    assert set(marks) <= {" ", "^"}
    return says, line[marks.index("^") : len(marks)]


def trouble(text, **numbers):
    with pytest.raises(StepgradError) as caught:
        parse(text, **numbers)
    return marked(caught.value)


# --- what expressions mean ----------------------------------------------------------------------------


def expressions(depth=3):
    """Generate expressions with and without brackets, so that what binds more strongly is tried out."""
    atoms = st.sampled_from(["a", "b", "c", "0.5", "2.0", "3.0", "1e-3", "pi"])
    if depth == 0:
        return atoms
    inner = expressions(depth - 1)
    one = st.sampled_from(sorted(name for name, entry in engine.TABLE.items() if entry.arity == 1))
    two = st.sampled_from(["maximum", "minimum", "add", "sub", "mul", "div", "pow"])
    return st.one_of(
        atoms,
        st.builds("{} {} {}".format, inner, st.sampled_from(["+", "-", "*", "/", "**"]), inner),
        st.builds("{}{}".format, st.sampled_from("+-"), inner),
        st.builds("({})".format, inner),
        st.builds("{}({})".format, one, inner),
        st.builds("{}({}, {})".format, two, inner, inner),
        st.builds("leaky_relu({}, slope={})".format, inner, st.sampled_from(["0.2", "-1.0 / 3.0"])),
        st.builds("where({}, {}, {})".format, inner, inner, inner),
    )


def as_python(text, names):
    """Return what Python makes of a text, or None where it has no value."""
    functions = {name: engine.TABLE[name] for name in engine.TABLE}
    try:
        found = eval(text, {"__builtins__": {}, "pi": math.pi}, {**functions, **names})
    except (ArithmeticError, TypeError):  # TypeError: of complex numbers, such as a negative number's root
        return None
    return found


@settings(deadline=None)
@given(expressions())
@example("-a ** 2.0 ** b")
@example("2.0 ** -a")
@example("a - b - c / 2.0 / 3.0")
def test_an_expression_means_what_it_means_in_python(inner):
    text = f"a - ({inner})"
    used = {name: NUMBERS[name] for name in NUMBERS if re.search(rf"\b{name}\b", text)}
    expected = as_python(text, {name: Value(x, name) for name, x in used.items()})
    if expected is None:
        with pytest.raises(DomainError):
            parse(text, **used)
    else:
        assert flat(parse(text, **used)) == flat(expected)


def test_statements_name_their_results():
    root = parse("d = a*b; e = tanh(d + c)\nf = e\nf * d * f", a=2, b=-3, c=5)
    assert math.isclose(root.data, math.tanh(-1.0) ** 2 * -6.0)
    assert [leaf.label for leaf in leaves(root)] == ["a", "b", "c"]
    assert {node.label: node.data for node in topological_order(root) if node.label and node.inputs} == {
        "d": -6.0,
        "e": math.tanh(-1.0),
    }


def test_an_assigned_number_is_a_leaf():
    root = parse("w = 3; loss = (w*x - 1)**2", x=2)
    root.backward()
    assert {leaf.label: leaf.grad for leaf in leaves(root)} == {"w": 20.0, "x": 30.0}
    assert root.label == "loss"


def test_plain_numbers_are_computed_at_once():
    assert flat(parse("2 * 3 * a", a=5)) == flat(6.0 * Value(5.0, "a"))
    assert parse("a*pi + e", a=1).data == math.pi + math.e
    assert parse("a*pi", a=1, pi=3).data == 3.0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("where(a > 0, 10, 20)", 10.0),
        ("where(a < 0, 10, 20)", 20.0),
        ("where(a > 3, 10, 20)", 20.0),
        ("where(1 < a, 10, 20)", 10.0),
        ("where(a < a, 10, 20)", 20.0),
        ("where(a, 10, 20)", 10.0),
        ("where(2 > 1, a, 20)", 2.0),
    ],
)
def test_where_takes_a_comparison(text, expected):
    assert parse(text, a=2).data == expected


def test_parameters_stand_by_place_or_by_name():
    for text in "leaky_relu(a, 0.2)", "leaky_relu(a, slope=0.1*2)":
        root = parse(text, a=-2)
        assert root.op.parameters == {"slope": 0.2}
        assert root.data == -0.4


def test_indented_and_long_texts_are_read():
    assert parse("\n    d = a * 2\r\n    d + 1  # a comment\n\n", a=3).data == 7.0
    assert parse("\ta*2", a=3).data == 6.0
    assert parse("+".join(["a"] * 500), a=1).data == 500.0


def test_names_are_compared_as_python_compares_them():
    assert parse("ａ * ﬁ", a=2, ﬁ=3).data == 6.0  # noqa: RUF100
    assert parse("größe * 2", größe=4).data == 8.0


def test_an_operation_of_ones_own_is_known():
    engine.register("cube", lambda x: x * x * x, lambda x, out: (3.0 * x * x,))
    try:
        assert parse("cube(a)", a=2).data == 8.0
    finally:
        engine.unregister("cube")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("-3", -3.0),
        ("1e-5", 1e-5),
        ("1/4", 0.25),
        ("inf", math.inf),
        (" pi/2 ", math.pi / 2),
        ("sqrt(2)", math.sqrt(2)),
    ],
)
def test_a_number_is_read(text, expected):
    assert number(text) == expected


@pytest.mark.parametrize(
    "text", ["", "x", "2; 3", "a = 2", "=3", "1,5", "1/0", "\ud800", "__import__('os')", "1e999+1"]
)
def test_what_is_no_number_is_refused(text):
    with pytest.raises(StepgradError):
        number(text)


# --- what is wrong with one ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "says", "part"),
    [
        ("tanh(x)", "x has no number; give it one, as in x=2", "x"),
        ("y = a + x\ny*z + x", "x and z have no numbers; give them some, as in x=2 z=2", "x"),
        ("z*y*x", "z, y and x have no numbers", "z"),
        ("a = 3; a", "a is given a number already", "a = 3"),
        ("x = y; y = 2; x*a", "y has no number yet; assign one before this, as in y = 2", "y"),
        ("a*a; a", "this result is not used; give it a name, as in d = a*b", "a*a"),
        ("a + tanh", "tanh is a function; write tanh(x)", "tanh"),
        ("sigmod(a)", "unknown function sigmod; did you mean 'sigmoid'", "sigmod"),
        ("a(a + 1)", "a is a number, not a function; write a*(...) for a product", "a"),
        ("b(a + 1)", "unknown function b; write * for a product, or one of add, sub,", "b"),
        ("math.tanh(a)", "write tanh(...), without a dot", "math.tanh"),
        ("1 + a.exp()", "write exp(...), without a dot", "a.exp"),
        ("a.data", "only numbers, names", "a.data"),
        ("1 + a // 2", "the operators are + - * / % and **", "a // 2"),
        ("a @ a", "the operators are + - * / % and **", "a @ a"),
        ("a > 0", "a comparison is only allowed as the first operand of where, as in where(x > 0, y, z)", "a > 0"),
        ("where(a, a > 0, 1)", "a comparison is only allowed as the first operand of where", "a > 0"),
        ("where(a >= 0, 1, 2)", "a comparison is only allowed as the first operand of where", "a >= 0"),
        ("a if a else 2", "write where(condition, x, y)", "a if a else 2"),
        ("2,5 * a", "a comma is only allowed between", "2,5 * a"),
        ("a * 'text'", "only numbers, names", "'text'"),
        ("a + '''two\nlines'''", "only numbers, names", "'"),
        ("a * (lambda: 2)", "only numbers, names", "lambda: 2"),
        ("a * True", "only numbers, names", "True"),
        ("a + 2j", "j has no number", "j"),
        ("[a]", "only numbers, names", "[a]"),
        ("not a", "only numbers, names", "not a"),
        ("a * __import__('os')", "unknown function __import__", "__import__"),
        ("__import__('os').system('true')", "only numbers, names", "__import__('os').system"),
        ("a.__class__.__mro__", "only numbers, names", "a.__class__.__mro__"),
        ("(b := a)", "only numbers, names", "b := a"),
        ("import os", "only expressions and assignments", "import os"),
        ("x = y = a", "only expressions and assignments", "x = y = a"),
        ("a[0] = 2", "only expressions and assignments", "a[0] = 2"),
        ("x += a", "only expressions and assignments", "x += a"),
        ("tanh(a, a)", "tanh takes 1 operand, not 2", "tanh(a, a)"),
        ("maximum(a)", "maximum takes 2 operands, not 1", "maximum(a)"),
        ("leaky_relu(a, 1, 2)", "leaky_relu takes 1 operand and slope, not 3", "leaky_relu(a, 1, 2)"),
        (
            "leaky_relu(a, slop=1)",
            "unknown or repeated parameter slop of leaky_relu; its parameters are slope",
            "slop=1",
        ),
        ("leaky_relu(a, 1, slope=1)", "unknown or repeated parameter slope of leaky_relu", "slope=1"),
        ("tanh(a, x=1)", "unknown or repeated parameter x of tanh; it has none", "x=1"),
        ("tanh(a, **a)", "a power needs a number or a name in front of it", "**"),
        ("tanh(*a)", "only numbers, names", "*a"),
        ("leaky_relu(a, a)", "slope, a parameter of leaky_relu, must be a plain number", "leaky_relu(a, a)"),
        ("2 * 3 + a*0*1e999", "this number is too large", "1e999"),
        ("a + " + "9" * 400, "this number is too large", "9" * (MAX_WIDTH - 4)),
        ("a + log(a - 5)", "log(x) has no value at x = -3.0: it needs x > 0", "log(a - 5)"),
        ("a + 1/0", "x / y has no value at x = 1.0, y = 0.0", "1/0"),
        ("größe + é*a", "größe and é have no numbers", "größe"),
        ("a*2 + größe*log(-a)", "größe has no number", "größe"),
        ("a\t+ x", "x has no number", "x"),
    ],
)
def test_an_error_points_at_what_is_wrong(text, says, part):
    said, pointed_at = trouble(text, a=2)
    assert said.startswith(says)
    assert pointed_at == part


@pytest.mark.parametrize(
    "text", ["(", ")", "a +", "a b", "tanh(a", "a2 a", "a $ 2", "a +\\", "if", "'''", "f'{a", "a=\n3"]
)
def test_syntax_errors_are_plain_and_pointed_at(text):
    said, _ = trouble(text, a=2)
    assert said
    assert "invalid syntax" not in said


def test_keywords_of_python_are_not_names():
    assert trouble("lambda * a", a=2)[0] == "lambda is a keyword of Python; choose another name"


def test_a_number_of_too_many_digits_is_too_large():
    assert trouble("a + " + "9" * 5000, a=2)[0] == "this number is too large"


@pytest.mark.parametrize("text", ["", "  \n ", "# a comment"])
def test_nothing_is_no_expression(text):
    with pytest.raises(ExpressionError, match="the expression is empty; write one"):
        parse(text)


def test_a_plain_number_is_no_graph():
    assert trouble("2 + 3") == ("the result is the constant 5; give its inputs names, as in x**2 with x=3", "2 + 3")


def test_a_number_that_is_not_used_is_told():
    with pytest.raises(ExpressionError, match="^b is given a number, but the expression has no b$"):
        parse("a*2", a=1, b=2)


def test_other_names_lead_to_operations():
    assert set(OTHER_NAMES.values()) <= set(engine.TABLE)
    assert not set(OTHER_NAMES) & set(engine.TABLE)


def test_what_is_given_must_be_texts_and_numbers():
    with pytest.raises(TypeError, match=r"an expression must be text, such as 'tanh\(a\*b\)', not float 2.0"):
        parse(2.0)
    with pytest.raises(TypeError, match="expected a real number"):
        parse("a*2", a="3")


# --- hostile expressions -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["(" * 150 + "a" + ")" * 150, "tanh(" * 90 + "a" + ")" * 90],
    ids=["brackets", "calls"],
)
def test_what_is_nested_deeply_is_read(text):
    assert parse(text, a=0.5).data >= 0


@pytest.mark.parametrize(
    "text",
    [
        "(" * 5000 + "a" + ")" * 5000,
        "-" * 1500 + "a",
        "-" * 99_000 + "a",
        "a**" * 3000 + "a",
        "tanh(" * 3000 + "a" + ")" * 3000,
        "+".join(["a"] * 50_000),
        "a" + ".b" * 20_000,
        "a" + "[a" * 5000,
    ],
    ids=["brackets", "signs", "many signs", "powers", "calls", "sum", "dots", "open"],
)
def test_what_is_nested_too_deeply_is_refused(text):
    with pytest.raises(ExpressionError) as caught:
        parse(text, a=0.5)
    assert len(str(caught.value)) < 300


def test_what_is_too_long_is_refused():
    with pytest.raises(ExpressionError, match="at most 100,000 characters, not 100,001"):
        parse("a" * (MAX_LENGTH + 1))


@pytest.mark.parametrize("text", ["\x00", "a*\x00b", "\ud800", "a + \udfff", "\x1b[31m + a"])
def test_characters_that_no_text_should_hold_are_refused_and_not_shown(text):
    with pytest.raises(ExpressionError) as caught:
        parse(text, a=2)
    assert not re.search("[\x00\x1b\ud800\udfff]", str(caught.value))


def test_letters_that_look_alike_are_other_names():
    assert trouble("a + а", a=2) == ("а has no number; give it one, as in а=2", "а")  # the second is Cyrillic
    assert parse("a − 2", a=2).data == 0.0  # a minus sign of typesetters


def test_what_is_refused_is_never_run(tmp_path):
    for text in (f"open({str(tmp_path / 'x')!r}, 'w')", f"[open({str(tmp_path / 'x')!r}, 'w') for _ in 'a']"):
        trouble(text)
    assert not list(tmp_path.iterdir())


pieces = st.sampled_from(
    ["a", "b", "tanh(", "(", ")", "where(", ",", "+", "-", "*", "**", "/", "=", ";", "\n", " ", "2", ".5", "1e9", ">",
     "<", "\\", "#", "'", '"', "if", "lambda", ":", "[", "]", "{", "}", ".", "@", "é", "\u2028", "\f", "\t", "\r", "f'",
     "0x", "_", "\x00", "\ud800", "slope=", "leaky_relu(", "*" * 3, "in", "not ", "None", "...", "$", "?", "!"]
)  # fmt: skip


@settings(deadline=None)
@given(st.one_of(st.text(max_size=30), st.lists(pieces, max_size=14).map("".join)))
def test_any_text_gives_a_value_or_an_error_that_points(text):
    try:
        assert isinstance(parse(text, a=1.5), Value)
    except (ExpressionError, DomainError) as error:
        lines = str(error).split("\n")
        assert len(lines) in (1, 3)
        assert all(line.isprintable() for line in lines)
        if len(lines) == 3:
            assert max(map(len, lines[1:])) <= MAX_WIDTH + 3
            assert re.fullmatch(r"  *\^+", lines[2])


@settings(deadline=None)
@given(st.one_of(st.text(max_size=12), st.lists(pieces, max_size=6).map("".join)))
def test_any_text_is_a_number_or_an_error(text):
    with contextlib.suppress(ExpressionError, DomainError):
        assert isinstance(number(text), float)


def test_a_long_line_is_shown_around_what_is_wrong():
    text = "a + " * 60 + "wrong" + " + a" * 60
    said, part = trouble(text, a=1)
    assert (said, part) == ("wrong has no number; give it one, as in wrong=2", "wrong")
    with pytest.raises(ExpressionError) as caught:
        parse(text, a=1)
    assert max(map(len, str(caught.value).split("\n"))) <= MAX_WIDTH + 2


def test_a_reader_of_another_kind_says_what_names_stand_for():
    class Doubled(Reader):
        def named(self, node):
            return 2.0 * len(node.id)

    assert Doubled("abc + 1").expression() == 7.0
    assert Reader("2*pi").expression() == 2.0 * math.pi


def test_the_examples_of_the_messages_can_be_parsed():
    """What a message tells people to write must itself be right."""
    for text in "d = a*b; tanh(d + c)", "tanh(a*b + c)", "where(x > 0, y, z)", "leaky_relu(x, slope=0.2)", "x**2":
        names = {name: 2.0 for name in "abcxyz" if re.search(rf"\b{name}\b", text)}
        assert isinstance(parse(text, **names), Value)
    assert "leaky_relu(x, slope=0.2)" in inspect.getdoc(parse)
