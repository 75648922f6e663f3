"""CSV files: what is read from them, and what is said about those that are wrong."""

import re

import pytest

import nn
from nn.data import csv


@pytest.fixture
def file(tmp_path):
    def write(content, name="plants.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


PLANTS = "height,width,kind\n1.5,0.2,moss\n2.5,0.4,fern\n3.5,0.6,moss\n"


def test_texts_are_classes(file):
    data = csv(file(PLANTS))
    assert data.inputs == [[1.5, 0.2], [2.5, 0.4], [3.5, 0.6]]
    assert (data.targets, data.classes, data.task) == ([1, 0, 1], ("fern", "moss"), "classification")
    assert (data.features, data.name) == (("height", "width"), "plants")
    assert data.source.endswith("plants.csv")


def test_numbers_are_for_regression_or_name_classes_if_asked(file):
    path = file("x,y\n1,10\n2,9\n3,10\n")
    assert csv(path).targets == [10.0, 9.0, 10.0]
    assert csv(path).classes == ()
    data = csv(str(path), task="classification")
    assert (data.targets, data.classes) == ([1, 0, 1], ("9", "10"))


@pytest.mark.parametrize("target", ["width", 1, -2])
def test_the_target_may_be_any_column_by_name_or_number(file, target):
    data = csv(file(PLANTS), target, inputs=["height"])
    assert (data.targets, data.inputs, data.features) == ([0.2, 0.4, 0.6], [[1.5], [2.5], [3.5]], ("height",))


def test_a_file_without_header_has_numbered_columns(file):
    data = csv(file("1.5,2,moss\n2.5,3,fern\n"))
    assert (data.features, len(data)) == (("column 0", "column 1"), 2)
    assert csv(file("1,2\n3,4\n"), header=True).features == ("1",)
    assert csv(file("a,,c\n1,2,3\n")).features == ("a", "column 1")


def test_quotes_blank_lines_spaces_and_byte_order_marks_are_fine(file):
    text = '\ufeff"height, in m", kind\r\n\r\n 1.5 ,"a ""big"" one"\r\n   \r\n2.5,small\r\n'
    data = csv(file(text))
    assert data.features == ("height, in m",)
    assert (data.inputs, data.classes) == ([[1.5], [2.5]], ('a "big" one', "small"))


def test_other_delimiters(file):
    assert csv(file("a;b\n1;2\n"), delimiter=";").inputs == [[1.0]]
    for wrong in (";;", "", 3):
        with pytest.raises(nn.SettingError, match="the delimiter must be one character, such as ';', not"):
            csv(file(PLANTS), delimiter=wrong)


@pytest.mark.parametrize("nothing", ["", "?", "NA", "n/a", "NaN", "null", "  "])
def test_missing_cells(file, nothing):
    path = file(f"a,b,y\n1,2,3\n{nothing},4,5\n3,{nothing},6\n")
    with pytest.raises(nn.DataError, match="plants.csv, line 3: 'a' is missing; pass missing='drop' .* or missing='me"):
        csv(path)
    assert csv(path, missing="drop").inputs == [[1.0, 2.0]]
    assert csv(path, missing="mean").inputs == [[1.0, 2.0], [2.0, 4.0], [3.0, 3.0]]
    assert csv(path, inputs=["b"], missing="drop").targets == [3.0, 5.0]


def test_a_missing_target_is_never_made_up(file):
    path = file("a,y\n1,moss\n2,?\n")
    for missing in ("error", "mean"):
        with pytest.raises(nn.DataError, match="line 3: 'y' is missing"):
            csv(path, missing=missing)
    assert csv(path, missing="drop").classes == ("moss",)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "plants.csv must have at least one row"),
        ("\n \n", "plants.csv must have at least one row"),
        ("a,b\n", "has only a header row; if that row is data, pass header=False"),
        ("a,b\n1,2\n3\n", "line 3: every row needs 2 cells, as in line 1, and this one has 1"),
        ("a,b\n\n1,2,3\n", "line 3: every row needs 2 cells, as in line 1, and this one has 3"),
        ("a,a\n1,2\n", "line 1: two columns are called 'a'; rename one"),
        ("a\n1\n", "line 1: a table needs at least two columns, not one$"),
        (
            "a;b\n1,5;2,0\n",
            "line 1: .* not one; if cells are separated by ';', pass delimiter=';'",
        ),
        ("a\tb\n1\t2\n", r"not one; if cells are separated by '\\t', pass delimiter='\\t'"),
        ("a,b\n1,2\nred,3\n", "line 3: 'red' in column 'a' is not a finite number; fix it, or leave out the column"),
        ('a,b\n"1,5",2\n', "line 2: '1,5' in column 'a' is not a finite number; write decimals with a point"),
        (
            "height,2020\n1,2\n",
            "line 1: 'height' in column 'column 0' .*; if this row contains the names of the columns",
        ),
        ("a,b\ninf,2\n", "line 2: 'inf' in column 'a' is not a finite number"),
        ("a,b\n1_000,2\n", "line 2: '1_000' in column 'a' is not a finite number"),
        ("a,b\n1,2\n2,3\n3,moss\n", "line 4: the target's column 'b' .*not 'moss' after '2' in line 2"),
        ("a,b\n1,moss\n2,3\n", "line 3: the target's column 'b' .*not '3' after 'moss' in line 2"),
        ('a,b\n1,2\n"3,4\n5,6\n', "line 3: .*; is a quotation mark missing"),
        ('a,b\n"1\n2",3\nx,4\n', "line 2: '1.n2' in column 'a'"),
        (b"a,b\n1,2\n\xff,3\n", "line 3: this is not UTF-8 text"),
        (b"a,b\n" + b"1" * 200_000 + b",2\n", "line 2: field larger"),
    ],
)
def test_an_error_names_the_line(file, text, says):
    with pytest.raises(nn.DataError, match=says):
        csv(file(text))


def test_regression_needs_numbers(file):
    with pytest.raises(nn.DataError, match="line 2: 'moss' in column 'kind' is not .*; fix it, or pass task='cl"):
        csv(file(PLANTS), task="regression")


def test_columns_that_are_all_missing_are_named(file):
    with pytest.raises(nn.DataError, match="column 'a' must have at least one number"):
        csv(file("a,b\n?,1\n?,2\n"), missing="mean")
    with pytest.raises(nn.DataError, match="must have at least one sample without missing cells"):
        csv(file("a,b\n?,1\n?,2\n"), missing="drop")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"target": "knid"}, "unknown column 'knid'; did you mean 'kind'"),
        ({"target": 3}, "a column of .*plants.csv must be a name or a number from 0 to 2, not 3"),
        ({"target": -4}, "from 0 to 2, not -4"),
        ({"target": True}, "unknown column True"),
        ({"inputs": ["kind"]}, "inputs must be columns of .* other than the target 'kind'"),
        ({"inputs": []}, "inputs must be columns of"),
        ({"missing": "ignore"}, "missing must be 'error', 'drop' or 'mean', not 'ignore'"),
        ({"task": "regresion"}, "the task must be 'regression' or 'classification', not 'regresion'"),
    ],
)
def test_bad_arguments_are_named(file, arguments, says):
    with pytest.raises(nn.SettingError, match=says):
        csv(file(PLANTS), **arguments)


def test_a_file_that_is_not_there_is_an_error_of_the_system(tmp_path):
    with pytest.raises(FileNotFoundError, match=re.escape("none.csv")):
        csv(tmp_path / "none.csv")


def test_many_columns_of_one_name_are_refused_quickly(file):
    with pytest.raises(nn.DataError, match="line 1: two columns are called 'a'"):
        csv(file(",".join(["a"] * 50_000) + "\n"))
