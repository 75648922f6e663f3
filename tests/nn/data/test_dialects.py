"""Tables written in many dialects and read back: every value is equal, or refused, or its reading is doubted in a note.

STEPGRAD_DIALECTS sets how many tables are written.
"""

import math
import os
import random
from datetime import date, timedelta

import pytest

import nn
from nn.data import csv

COUNT = int(os.environ.get("STEPGRAD_DIALECTS", "300"))
DAY = date(1970, 1, 1)
NAMES = (
    "height",
    "Länge in cm",
    "a,b",
    'the "x"',
    "x1",
    "p;q",
    "100 %",
    "it's",
    "größe|2",
    "Anzahl",
    "tab\there",
    "id of x",
)
TEXTS = (
    ("moss", "fern"), ("ja", "nein", "weiß nicht"), ("a,b", "c;d"), ('say "hi"', "plain"), ("True", "False"),
    ("S", "M", "L"), ("<= 50", "> 50"), ("café au lait", "thé"), ("line\nbreak", "none"), ("3 to 4", "5+"), ("-", "+"),
)  # fmt: skip


class Written:
    """A random table, as a text in a random dialect, and the columns of numbers that it must be read as."""

    def __init__(self, chance):
        self.chance = chance
        self.rows = chance.randint(4, 14)
        self.delimiter = chance.choice(",,,;;\t|")
        self.comma = chance.random() < (0.7 if self.delimiter == ";" else 0.15)
        self.quotes = chance.choice(("needed", "needed", "texts", "all"))
        self.thousands = chance.choice(("", "", "", " ", "." if self.comma else ","))
        self.gap = chance.choice(("", "NA", "NaN", "null", "n/a", "#N/A", "?"))
        self.end = chance.choice(("\n", "\r\n", "\r"))
        self.date = chance.choice(("%Y-%m-%d", "%d.%m.%Y", "%Y/%m/%d", "%m/%d/%Y", "%Y-%m-%dT%H:%M:%S", "%d %b %Y"))
        self.expected, cells, self.filled = {}, {}, []
        for name in chance.sample(NAMES, chance.randint(1, 5)):
            cells[name], found = self.column()
            self.expected.update({f"{name}={kind}" if kind else name: numbers for kind, numbers in found.items()})
        self.targets = [float(chance.choice((i, i + 0.25, 10 * i))) for i in range(self.rows)]
        cells["target"] = [self.number(y) for y in self.targets]
        self.names, self.cells = list(cells), list(zip(*cells.values(), strict=True))
        self.text = self.write()

    def number(self, value):
        text = str(int(value)) if value == int(value) and self.chance.random() < 0.7 else repr(value)
        whole, point, rest = text.partition(".")
        if self.thousands and "e" not in text and len(whole.lstrip("-")) > 3:
            whole = f"{int(whole):,}".replace(",", self.thousands)
        return whole + point.replace(".", "," if self.comma else ".") + rest

    def column(self):
        """Return random cells, and the numbers that they mean, by their kind."""
        kind = self.chance.choice(("whole", "float", "float", "rounded", "large", "text", "date"))
        if kind == "text":
            texts = self.chance.choice(TEXTS)
            cells = [*texts, *(self.chance.choice(texts) for _ in range(self.rows - len(texts)))]
            self.chance.shuffle(cells)
            return cells, {text: [float(cell == text) for cell in cells] for text in texts}
        if kind == "date":
            days = [self.chance.randint(0, 20_000) for _ in range(self.rows)]
            return [(DAY + timedelta(n)).strftime(self.date) for n in days], {"": list(map(float, days))}
        make = {
            "whole": lambda: float(self.chance.randint(-50, 3000)),
            "float": lambda: self.chance.uniform(-2000.0, 2000.0) * 10.0 ** self.chance.randint(-9, 3),
            "rounded": lambda: round(self.chance.uniform(0.0, 300.0), 3),
            "large": lambda: float(self.chance.randint(-(10**12), 10**12)),
        }[kind]
        numbers = [make() for _ in range(self.rows)]
        cells = list(map(self.number, numbers))
        if self.chance.random() < 0.3:
            place = self.chance.randrange(self.rows)
            rest = numbers[:place] + numbers[place + 1 :]
            cells[place], numbers[place] = self.gap, math.fsum(rest) / len(rest)
            self.filled.append(numbers[place])
        return cells, {"": numbers}

    def cell(self, text):
        signs = (
            (self.delimiter, '"', "\n", "\r", "\t", ";", "|")
            if self.quotes == "needed"
            else (self.delimiter, '"', "\n")
        )
        is_number = text[:1].isdecimal() or text[:1] == "-"
        is_quoted = (
            any(sign in text for sign in signs) or self.quotes == "all" or (self.quotes == "texts" and not is_number)
        )
        return '"' + text.replace('"', '""') + '"' if is_quoted else text

    def write(self):
        numbered, trailing = self.chance.random() < 0.25, self.chance.random() < 0.1
        rows = [self.names, *self.cells]
        if numbered:
            rows = [["", *self.names], *([str(i), *row] for i, row in enumerate(self.cells))]
        lines = [self.delimiter.join(map(self.cell, row)) + self.delimiter * trailing for row in rows]
        if self.chance.random() < 0.1:
            lines.insert(0, "# written by a test")
        if self.chance.random() < 0.1:
            lines.insert(0, f"sep={self.delimiter}")
        text = self.end.join(lines) + self.end * self.chance.randint(0, 2)
        encoding = self.chance.choice(("utf-8", "utf-8", "utf-8-sig", "utf-16", "cp1252"))
        return text.encode(encoding)


def compare(written, path):
    """Return how a table was read: ``"read"``, ``"doubted"`` or ``"refused"``; a wrong reading is an AssertionError."""
    path.write_bytes(written.text)
    try:
        data = csv(path, missing="mean")
    except nn.DataError as error:
        return "refused" if str(error).startswith(str(path)) else "refused without the name of the file"
    found = dict(zip(data.features, zip(*data.inputs, strict=True), strict=True))
    left = " ".join(note for note in data.notes if note.startswith("left out"))
    wrong = {} if data.targets == written.targets else {"target": data.targets}
    for name, numbers in written.expected.items():
        title = name.partition("=")[0]
        if name not in found:
            assert repr(title.strip()) in left, (name, data.notes)
        elif not all(a == b or (b in written.filled and math.isclose(a, b, rel_tol=1e-14))
                     for a, b in zip(found[name], numbers, strict=True)):  # fmt: skip
            wrong[name] = found[name]
    assert not wrong or "could be" in " ".join(data.notes), (wrong, data.notes)
    return "doubted" if wrong else "read"


def test_what_is_written_in_many_dialects_is_read_back(tmp_path):
    outcomes = {"read": 0, "doubted": 0, "refused": 0}
    for seed in range(COUNT):
        written = Written(random.Random(seed))
        try:
            outcomes[compare(written, tmp_path / "table.csv")] += 1
        except AssertionError as error:
            raise AssertionError(f"seed {seed}: {error}\n{written.text!r}") from None
    print(outcomes)
    assert outcomes["read"] >= 0.9 * COUNT


def test_a_wrong_reading_is_found(tmp_path, monkeypatch):
    written = Written(random.Random(3))
    written.targets[1] += 1.0
    with pytest.raises(AssertionError, match="target"):
        compare(written, tmp_path / "table.csv")
