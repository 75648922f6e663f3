"""CSV files: what is read from them, what is noted, and what is said about those that are wrong."""

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
    assert csv(file("a\tb\n1\t2\n"), "b").notes == ("cells are separated by tabs",)
    assert csv(file("a|b\n1|2\n"), "b").notes == ("cells are separated by '|'",)
    assert csv(file("1  0.2 3\n 2 3.5  4\n")).inputs == [[1.0, 0.2], [2.0, 3.5]]
    assert csv(file("x y\n1,5 2,5\n3,5 4,5\n")).inputs == [[1.5], [3.5]]
    assert csv(file('"sep=;"\na;b\n1;2\n')).inputs == [[1.0]]
    assert csv(file("a~b\n1~2\n"), delimiter="~").targets == [2.0]
    for wrong in (";;", "", 3, "\n", '"'):
        with pytest.raises(nn.SettingError, match="the delimiter must be one character, such as ';', not"):
            csv(file(PLANTS), delimiter=wrong)


@pytest.mark.parametrize("nothing", ["", "?", "NA", "n/a", "NaN", "null", "  "])
def test_missing_cells(file, nothing):
    path = file(f"a,b,y\n1,2,3\n{nothing},4,5\n3,{nothing},6\n")
    with pytest.raises(
        nn.DataError, match="plants.csv, line 3: 'a' is missing; missing='drop' .*, missing='mean' uses"
    ):
        csv(path)
    assert csv(path, missing="drop").inputs == [[1.0, 2.0]]
    assert csv(path, missing="mean").inputs == [[1.0, 2.0], [2.0, 4.0], [3.0, 3.0]]
    assert csv(path, inputs=["b"], missing="drop").targets == [3.0, 5.0]


def test_a_missing_target_is_never_made_up(file):
    path = file("a,y\n1,moss\n2,?\n3,fern\n")
    with pytest.raises(nn.DataError, match="line 3: 'y' is missing"):
        csv(path)
    for missing in ("mean", "drop"):
        data = csv(path, "y", missing=missing)
        assert (data.inputs, data.classes) == ([[1.0], [3.0]], ("fern", "moss"))
        assert data.notes == ("1 sample of 3 left out, where the target is missing: 'y'",)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "plants.csv must have at least one row"),
        ("\n \n", "plants.csv must have at least one row"),
        (",", "plants.csv must have at least one row"),
        (",\n,\n", "plants.csv must have at least one row"),
        ("a,b\n", "has only a header row; if that row is data, pass header=False"),
        ("a,b\n1,2\n3\n", "line 3: every row needs 2 cells, as most have, and this one has 1"),
        ("a,b\n\n1,2,3\n", "line 3: every row needs 2 cells, as most have, and this one has 3"),
        ("a\n1\n", "line 1: a table needs at least two columns, not one; if its cells are .*, name it: delimiter="),
        ("a~b\n1~2\n", "line 1: a table needs at least two columns, not one; if its cells are .*, name it: delimiter="),
        ("a,b\n1,2\nred,3\n", "line 3: 'red' in column 'a' is not a finite number; fix it, or leave out the column"),
        ("a,b\ninf,2\n", "line 2: 'inf' in column 'a' is not a finite number"),
        ("a,b\n1e999,2\n2,3\n", "line 2: '1e999' in column 'a' is not a finite number"),
        (f"a,b\n{'9' * 400},2\n2,3\n", "line 2: '9{57}.* in column 'a' is not a finite number"),
        ("a,b\n2,x\n2,inf\n3,x\n", "line 3: 'inf' in column 'b' is not a finite number"),
        ("a,b\n1_000,2\n3,4\n", "line 2: '1_000' in column 'a' is not a finite number"),
        ("a,b\n1,2\n2,3\n3,moss\n", "line 4: the target's column 'b' .*not 'moss' after '2' in line 2"),
        ("a,b\n1,moss\n2,3\n", "line 3: the target's column 'b' .*not '3' after 'moss' in line 2"),
        ('a,b\n1,2\n"3,4\n5,6\n', "line 3: .*; is a quotation mark missing"),
        ('a,b\n"1\n2",3\n7,4\n', "line 2: '1.n2' in column 'a'"),
        (b"a,b\n1,2\n\xff,3\n", "line 3: '\u00ff' in column 'a' is not a finite number"),
        (b"\x00\x01\x02\xff", "line 1: this is not text; export the table as CSV"),
        ("a,b\n1,2\n".encode("utf-16-le"), "line 1: this is not text"),
        (b"PK\x03\x04...", "this is a workbook or a zip archive, not a table of text; export the table as CSV"),
        (b"\xff\xfea", "line 1: this is not text"),
        ('{"a": [1, 2]}', "this is JSON, not a table"),
        ("a,b\n1,x\n2,x\n", "a classification must have two classes, and all targets in 'b' are 'x'; name another"),
        ("a,b\n1,?\n2,\n", "'b' is missing"),
        ('a,b\n"x"y,\\"z\n1,2\n3,4\n', "line 2: .*; is a quotation mark missing?"),
        ("a,b\n" + "".join(f"p{i},q{i}\n" for i in range(101)), "the target 'b' has 101 different texts, such as 'q0'"),
        (b"a,b\n" + b"1" * 200_000 + b",2\n", "line 2: field larger"),
    ],
)
def test_an_error_names_the_line(file, text, says):
    with pytest.raises(nn.DataError, match=says):
        csv(file(text))


def test_regression_needs_numbers(file):
    with pytest.raises(nn.DataError, match="line 2: 'moss' in column 'kind' is not .*; fix it, or pass task='cl"):
        csv(file(PLANTS), task="regression")


def test_columns_that_are_all_missing_are_left_out_or_named(file):
    path = file("a,b,y\n?,1,1\n?,2,2\n")
    data = csv(path, "y")
    assert (data.inputs, data.notes) == ([[1.0], [2.0]], ("left out: 'a' (no cell is known)",))
    with pytest.raises(nn.DataError, match="column 'a' must have at least one cell that is known"):
        csv(path, inputs=["a"], missing="mean")
    with pytest.raises(nn.DataError, match="must have at least one sample without missing cells; 'a' is missing"):
        csv(path, inputs=["a"], missing="drop")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"target": "knid"}, "unknown column 'knid'; did you mean 'kind'"),
        ({"target": 3}, "a column of .*plants.csv must be a name or a number from 0 to 2, not 3"),
        ({"target": -4}, "from 0 to 2, not -4"),
        ({"target": True}, "unknown column True"),
        ({"inputs": ["kind"]}, "inputs must be columns of .* other than the target 'kind'"),
        ({"inputs": []}, "inputs must be columns of"),
        ({"decimal": "'"}, "decimal must be '.' or ',', not"),
        ({"ignore": ["hight"]}, "unknown column 'hight'; did you mean 'height'"),
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


def test_columns_of_one_name_are_numbered(file):
    data = csv(file("a,a,a (2),y\n1,2,3,4\n2,3,4,5\n"), "y")
    assert len(set(data.features)) == 3
    assert data.notes == ("several columns are called 'a'; they are numbered: 'a', 'a (2)' and so on",)
    assert len(csv(file(",".join(["a"] * 50_000) + "\n" + ",".join(["1"] * 50_000) + "\n")).features) == 49_999


SINCE = "dates as days since 1970-01-01"
ANOTHER = "the last column that can be one ('note': texts that differ from row to row); target= names another"
FILES = {  # of the kinds that people have: content, inputs, targets, notes
    "index column": (
        ",height,kind\n0,1,x\n1,3,x\n2,1,y\n3,3,y\n", [[1], [3], [1], [3]], [0, 0, 1, 1],
        ["left out as the names or numbers of the rows: the first one, without a name"],
    ),
    "index column of shuffled rows": (
        ",height,kind\n7,1,x\n3,3,x\n12,1,y\n", [[1], [3], [1]], [0, 0, 1],
        ["left out as the names or numbers of the rows: the first one, without a name"],
    ),
    "names of people, called id": (
        "PassengerId,age,y\n892,30,1\n893,40,2\n", [[30], [40]], [1, 2],
        ["left out as the names or numbers of the rows: 'PassengerId'"],
    ),
    "an id that repeats is a number": ("id,y\n1,2\n1,3\n2,4\n", [[1], [1], [2]], [2, 3, 4], []),
    "words that end in id": ("acid,y\n1,2\n2,3\n", [[1], [2]], [2, 3], []),
    "trailing commas": ("a,b,kind,\n1,2,x,\n3,4,y,\n", [[1, 2], [3, 4]], [0, 1], ["left out as empty: 'column 3'"]),
    "trailing commas below the header": (
        "a,b,y\n1,2,3,\n4,5,6,\n", [[1, 2], [4, 5]], [3, 6], ["left out as empty: 'column 3'"],
    ),
    "a trailing comma in the header": ("a,b,y,\n1,2,3\n4,5,6\n", [[1, 2], [4, 5]], [3, 6], []),
    "semicolons and decimal commas": (
        "a;b;kind\n1,5;2;x\n3,25;4;y\n2,5;1;x\n", [[1.5, 2], [3.25, 4], [2.5, 1]], [0, 1, 0],
        ["cells are separated by ';'", "decimal commas: 'a'"],
    ),
    "decimal commas in the target": (
        "a;y\n1;2,5\n3;4,5\n5;6,5\n", [[1], [3], [5]], [2.5, 4.5, 6.5],
        ["cells are separated by ';'", "decimal commas: the target 'y'"],
    ),
    "decimal commas in quotes": ('a,y\n"1,5",2\n"2,25",3\n', [[1.5], [2.25]], [2, 3], ["decimal commas: 'a'"]),
    "points between thousands": (
        "a;y\n1.234,5;1\n12;2\n", [[1234.5], [12]], [1, 2],
        ["cells are separated by ';'", "points between thousands, decimal commas: 'a'"],
    ),
    "points between thousands, as another column tells": (
        "a;y\n1.234;1,5\n12;2\n", [[1234], [12]], [1.5, 2],
        ["cells are separated by ';'", "points between thousands: 'a'", "decimal commas: the target 'y'"],
    ),
    "decimal points, as another column tells": (
        "a;y\n1.234;0.5\n12;2\n", [[1.234], [12]], [0.5, 2], ["cells are separated by ';'"],
    ),
    "decimal points or not": (
        "a;y\n1.234;1\n12;2\n", [[1.234], [12]], [1, 2],
        ["cells are separated by ';'",
         " (1.234 could be another number: decimal= says which sign is the decimal one): 'a'"],
    ),
    "decimal commas, since nothing stands between thousands": (
        "a;y\n1,234;1\n12345;2\n", [[1.234], [12345]], [1, 2],
        ["cells are separated by ';'", "decimal commas: 'a'"],
    ),
    "a title in a row of commas, and a row that is short of cells": (
        "Title,,\na,b,y\n1,2,3\n4,5,6\n5,,\n", [[1, 2], [4, 5]], [3, 6],
        ["text above the table is left out: line 1, 'Title'",
         "1 sample of 3 left out, where the target is missing: 'y'"],
    ),
    "commas between thousands": (
        'a,y\n"1,234",2\n"12,345,678",3\n', [[1234], [12345678]], [2, 3], ["commas between thousands: 'a'"],
    ),
    "spaces between thousands": (
        "a;y\n1 234,5;2\n7,5;3\n", [[1234.5], [7.5]], [2, 3],
        ["cells are separated by ';'", "spaces between thousands, decimal commas: 'a'"],
    ),
    "money and shares": (
        'a,b,y\n"$1,200.50",5%,1\n-$3,7 %,2\n', [[1200.5, 5], [-3, 7]], [1, 2],
        ["commas between thousands, with $: 'a'", "with %: 'b'"],
    ),
    "a minus sign of typographers": ("a,y\n\u22121.5,1\n2,3\n", [[-1.5], [2]], [1, 3], []),
    "comments first": (
        "# source: lab\n# date: today\na,b,kind\n1,2,x\n3,4,y\n", [[1, 2], [3, 4]], [0, 1],
        ["comments are left out: lines 1 and 2"],
    ),
    "names in a comment": ("# a, y\n1,2\n3,4\n", [[1], [3]], [2, 4], ["comments are left out: line 1"]),
    "comments between": ("a,y\n1,2\n% pause\n3,4\n", [[1], [3]], [2, 4], ["comments are left out: line 3"]),
    "errors of spreadsheets are no comments": (
        "a,b,y\n#N/A,1,2\n3,4,5\n", [[3, 1], [3, 4]], [2, 5],
        ["missing cells, for which the mean or no category stands: 1 of 'a'"],
    ),
    "text around": (
        "Report of 2020\n\na,b,y\n1,2,3\n4,5,6\n\nSource: us\n", [[1, 2], [4, 5]], [3, 6],
        ["text above the table is left out: line 1, 'Report of 2020'",
         "text below the table is left out: line 7, 'Source: us'"],
    ),
    "a sum below": (
        "a,b,y\n1,2,3\n4,5,6\nTotal,7,9\n", [[1, 2], [4, 5]], [3, 6],
        ["text below the table is left out: line 4, 'Total 7 9'"],
    ),
    "rows of commas": ("a,b,y\n1,2,3\n,,\n4,5,6\n,,\n", [[1, 2], [4, 5]], [3, 6], ["2 rows without any text left out"]),
    "missing cells": (
        "a,b,y\n1,-,2\n3,4,5\n,6,7\n", [[1, 5], [3, 4], [2, 6]], [2, 5, 7],
        ["missing cells, for which the mean or no category stands: 1 of 'a' and 1 of 'b'"],
    ),
    "nothing, but in words": (
        "pain,y\nnone,1\nmild,2\nnone,3\n", [[0, 1], [1, 0], [0, 1]], [1, 2, 3],
        ["texts as columns of 0 and 1: 'pain' ('mild' and 'none')"],
    ),
    "texts": (
        "sex,age,kind\nmale,22,x\nfemale,38,y\nmale,26,x\n", [[0, 1, 22], [1, 0, 38], [0, 1, 26]], [0, 1, 0],
        ["texts as columns of 0 and 1: 'sex' ('female' and 'male')"],
    ),
    "numbers and texts": (
        "children,y\n0,1\n3+,2\n1,3\n3+,4\n0,5\n", [[1, 0, 0], [0, 0, 1], [0, 1, 0], [0, 0, 1], [1, 0, 0]],
        [1, 2, 3, 4, 5], ["texts as columns of 0 and 1: 'children' ('0', '1' and '3+')"],
    ),
    "a slip among numbers": (
        "a,b,y\n1,2,3\n1,3o,4\n2,5,6\n", [[1], [1], [2]], [3, 4, 6], ["left out: 'b' ('3o' among numbers)"],
    ),
    "names": (
        "name,a,y\nAnn,1,2\nBob,2,3\nEve,3,4\n", [[1], [2], [3]], [2, 3, 4],
        ["left out: 'name' (3 different texts, such as 'Ann' and 'Bob')"],
    ),
    "the same in all rows": ("unit,a,y\ncm,1,2\ncm,3,4\n", [[1], [3]], [2, 4], ["left out: 'unit' (always 'cm')"]),
    "years in the header": (
        "Month,Day,1978,1979\n1,1,14.2,14.9\n1,2,14.3,15.0\n", [[1, 1, 14.2], [1, 2, 14.3]], [14.9, 15.0],
        ["the first row, with 1978 and 1979, has the names of the columns; header=False changes this"],
    ),
    "nothing but years in the header": (
        "1978,1979\n14.2,14.9\n14.3,15.0\n", [[14.2], [14.3]], [14.9, 15.0],
        ["the first row, with 1978 and 1979, has the names of the columns; header=False changes this"],
    ),
    "years far apart": (
        "state,2010,2020\nA,4779736,5024279\nB,710231,733391\n", [[1, 0, 4779736], [0, 1, 710231]],
        [5024279, 733391],
        ["the first row, with 2010 and 2020, has the names of the columns; header=False changes this",
         "texts as columns of 0 and 1: 'state' ('A' and 'B')"],
    ),
    "columns that pandas has numbered": (
        ",0,1\n0,0.5,1.5\n1,0.25,2.5\n", [[0.5], [0.25]], [1.5, 2.5],
        ["the first row, with 0 and 1, has the names of the columns; header=False changes this",
         "left out as the names or numbers of the rows: the first one, without a name"],
    ),
    "no header": (
        "1978,1500\n1979,1501.5\n", [[1978], [1979]], [1500, 1501.5],
        ["the first row is read as data, not as the names of the columns; header=True changes this"],
    ),
    "no header above texts": (
        "moss,7\nfern,7.5\nmoss,6.25\n", [[0, 1], [1, 0], [0, 1]], [7, 7.5, 6.25],
        ["the first row is read as data, not as the names of the columns; header=True changes this",
         "texts as columns of 0 and 1: 'column 0' ('fern' and 'moss')"],
    ),
    "rows with names, as R writes them": (
        "a y\n\"Mazda RX4\" 21.0 6\n\"Datsun 710\" 22.8 4\n\"Fiat 128\" 32.4 5\n", [[21.0], [22.8], [32.4]], [6, 4, 5],
        ["cells are separated by spaces",
         "the first row has a cell less than the others, so their first cells are the names of rows",
         "left out as the names or numbers of the rows: the first one, without a name"],
    ),
    "dates": (
        "when,y\n1970-01-02,1\n1970-02-01,2\n", [[1], [31]], [1, 2], [f"{SINCE}: 'when'"],
    ),
    "dates and times": (
        "when,y\n1970-01-02 12:00:00,1\n1970-02-01T00:00:00Z,2\n", [[1.5], [31]], [1, 2],
        [f"{SINCE}: 'when'"],
    ),
    "months": ("when,y\n1970-01,1\n1970-02,2\n", [[0], [31]], [1, 2], [f"{SINCE}: 'when'"]),
    "dates without signs": ("date,y\n19700102,1\n19700201,2\n", [[1], [31]], [1, 2], [f"{SINCE}: 'date'"]),
    "dates in words": ("when,y\n2 Jan 1970,1\n1 Feb 1970,2\n", [[1], [31]], [1, 2], [f"{SINCE}: 'when'"]),
    "German dates": ("when;y\n2.1.1970;1\n1.2.1970;2\n", [[1], [31]], [1, 2],
                     ["cells are separated by ';'", f"{SINCE}: 'when'"]),
    "days above 12": ("when,y\n13/01/1970,1\n01/02/1970,2\n", [[12], [31]], [1, 2], [f"{SINCE}: 'when'"]),
    "days or months": (
        "when,y\n01/02/1970,1\n02/01/1970,2\n", [[1], [31]], [1, 2],
        ["dates as days since 1970-01-01, the month first, though the day could be too: 'when'"],
    ),
    "times": ("at,y\n06:30,1\n18:00,2\n", [[6.5], [18]], [1, 2], ["times as hours: 'at'"]),
    "a target that cannot be one": (
        "a,y,note\n1,2,p\n2,3,q\n3,4,r\n4,5,s\n", [[1], [2], [3], [4]], [2, 3, 4, 5],
        [f"the target is 'y', {ANOTHER}",
         "left out: 'note' (4 different texts, such as 'p' and 'q')"],
    ),
    "two values": (
        "a,y\n1,0\n2,1\n3,0\n", [[1], [2], [3]], [0, 1, 0],
        ["the target 'y' has two values only; task='classification' makes them classes"],
    ),
    "nothing to learn from": (
        "name,y\nAnn,2\nBob,3\nEve,4\n", [[0], [1], [2]], [2, 3, 4],
        ["left out: 'name' (3 different texts, such as 'Ann' and 'Bob')",
         "no column can be learned from, so the number of the row is the input"],
    ),
    "Windows": (
        "größe,y\n1,2\n".encode("cp1252"), [[1]], [2],
        ["line 1 is not UTF-8 text, so the file is read as Windows-1252"],
    ),
    "bytes that Windows does not have": (
        b"gr\x81e,y\n1,2\n", [[1]], [2], ["line 1 is not UTF-8 text, so the file is read as Latin-1"],
    ),
    "UTF-16, as Excel writes it": (
        "größe\ty\r\n1\t2\r\n".encode("utf-16"), [[1]], [2], ["cells are separated by tabs"],
    ),
    "backslashes before quotation marks": (
        'a,b,y\n"an \\"x\\"",1,2\n"an \\"x\\"",3,4\nz,5,6\n', [[1, 0, 1], [1, 0, 3], [0, 1, 5]], [2, 4, 6],
        ["a backslash stands before quotation marks inside of quotations",
         "texts as columns of 0 and 1: 'a' ('an \"x\"' and 'z')"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", FILES)
def test_what_spreadsheets_and_statistics_programs_write_is_read(file, kind):
    text, inputs, targets, notes = FILES[kind]
    data = csv(file(text), missing="mean")
    assert (data.inputs, data.targets) == (inputs, targets)
    assert [note for note in data.notes if "the last column of the table" not in note] == notes


def test_the_target_is_named_if_it_was_not_given(file):
    assert csv(file("a,y\n1,2\n2,2\n")).notes == (
        "the target is 'y', the last column of the table; target= names another",
        "the target 'y' is always 2; there is nothing to learn",
    )


def test_numbers_that_may_be_classes_are_named(file):
    data = csv(file("a,y\n" + "".join(f"{i},{i % 3}\n" for i in range(30))), "y")
    assert data.notes == ("the target 'y' has 3 values only; task='classification' makes them classes",)


def test_a_decimal_sign_can_be_named(file):
    path = file("a;y\n1.234;1\n12;2\n")
    assert csv(path, decimal=",").inputs == [[1234.0], [12.0]]
    assert csv(path, "y", decimal=".").notes == ("cells are separated by ';'",)
    path = file("a;y\n1,234;1\n12;2\n")
    assert csv(path).inputs == [[1.234], [12.0]]
    assert "1,234 could be another number" in csv(path, "y").notes[1]
    assert csv(path, decimal=".").inputs == [[1234.0], [12.0]]


def test_texts_with_an_order_become_its_numbers(file):
    path = file("size,y\nS,1\nL,2\n?,3\nM,4\n")
    data = csv(path, "y", missing="mean", ordinal={"size": ["S", "M", "L"]})
    assert data.inputs == [[0.0], [2.0], [1.0], [1.0]]
    assert data.notes[0] == "numbered in their order: 'size' (S < M < L)"
    with pytest.raises(nn.DataError, match="line 5: 'M' is not in the order given for column 'size'; choose from"):
        csv(path, missing="mean", ordinal={"size": ["S", "L"]})


def test_one_class_is_not_two(file):
    data = csv(file("a,y\n1,0.0\n2,0\n3,1\n4,1.00\n"), task="classification")
    assert (data.targets, data.classes) == ([0, 0, 1, 1], ("0", "1"))
    with pytest.raises(
        nn.DataError, match="a classification must have two classes, and all targets in 'y' are '0'; name"
    ):
        csv(file("a,y\n1,0.0\n2,0\n"), task="classification")


def test_columns_are_chosen_and_ignored(file):
    path = file("a,b,c,y\n1,2,3,4\n2,3,4,5\n")
    assert csv(path, ignore=["b"]).features == ("a", "c")
    assert csv(path, ignore=[0, "c"]).features == ("b",)
    assert csv(path, "A", inputs=["-1", "1"]).features == ("y", "b")
    assert csv(path, ignore=["y"]).targets == [3.0, 4.0]
    with pytest.raises(nn.DataError, match="line 2: 'p' in column 'b' is neither a number nor a frequent text; fix it"):
        csv(file("a,b,y\n1,p,2\n1,q,3\n1,r,4\n"), inputs=["b"])
    with pytest.raises(nn.DataError, match="column 'b' is always 'p'; leave it out"):
        csv(file("a,b,y\n1,p,2\n1,p,3\n1,p,4\n"), inputs=["b"])


def test_the_header_can_be_named(file):
    assert csv(file("1978,1979\n14.2,14.9\n"), header=False).targets == [1979.0, 14.9]
    assert csv(file("1978,1979\n14.2,14.9\n"), header=True).targets == [14.9]


def test_what_is_too_large_is_refused_before_it_is_read(file, monkeypatch):
    monkeypatch.setattr(nn.data.rows, "MAX_CELLS", 10)
    with pytest.raises(nn.DataError, match="a table must have at most 10 cells; take a part of it"):
        csv(file("a,b\n" + "1,2\n" * 9))
    with pytest.raises(nn.DataError, match="a table must have at most 10 cells; take a part of it"):
        csv(file('"a",b\n' + "1,2\n" * 9))
    monkeypatch.setattr(nn.data.rows, "MAX_BYTES", 1000)
    with pytest.raises(nn.DataError, match="a table must have at most 0 MB, and this file has 0 MB; take a part"):
        csv(file("a,b\n" + "1,2\n" * 999))
